#!/usr/bin/env bash
# Another program is put behind a mount that is in use.
#
# `loktfs --upgrade MOUNTPOINT` starts the new server, and a new supervisor, under the open mount: holders,
# waiters and readers notice nothing. One that cannot go on from the log is refused, and the old one goes on.
. "$(dirname "$0")/lib.sh" || exit 1

# serves FILE: server and supervisor run this program.
serves() {
	local pid
	for pid in $(jq '.daemon | .pid, .supervisor_pid' "$M/status.json"); do
		[ "$(readlink "/proc/$pid/exe")" = "$1" ] || return 1
	done
}

cp "$LOKTFS" "$T/newer"
lokt_start
before=$(jq -r .daemon.started_ts "$M/status.json")
exec 9<>"$L/x@ttl=1h"
token=$(jq .token <&9)
queue waiter x
"$CROWD" churn 4 1000000000 "$L" >"$T/churn" 2>&1 9>&- &
churn=$!
cat "$M/audit" >"$T/stream" 9>&- &
reader=$!

check "an upgrade under load" "$T/newer" --upgrade "$M"
wait_until 5 serves "$T/newer" || fail "the old program is still there"
lokt_started
same "the mount is the same" "$before" "$(jq -r .daemon.started_ts "$M/status.json")"
same "the hold goes on" "$token" "$(jq .token <&9)"
check "and can be renewed" eval 'echo renew >&9'
kill -0 $churn || fail "those who work have noticed: $(cat "$T/churn")"
check "the wait goes on" lib_waits "$waiter" x
ln -s "$M" "$T/link"
check "back, by a link to the mount" "$LOKTFS" --upgrade "$T/link"
wait_until 5 serves "$(realpath "$LOKTFS")" || fail "it does not go back"
lokt_started
lokt_die
check "the new one survives as the old one did" eval 'echo renew >&9'
exec 9>&-
granted "$waiter"
let_go "$waiter"
kill -KILL $churn
wait $churn 2>/dev/null

# A log that the new program cannot read: the old one goes on, and nothing is changed.
refused_with() {
	"$T/newer" --upgrade "$M" >"$T/out" 2>&1 && fail "upgraded: $1"
	same "one line ($1)" 1 "$(wc -l <"$T/out")"
	grep -q 'not upgraded' "$T/out" || fail "$1 is unclear: $(cat "$T/out")"
	same "who serves ($1)" "$D" "$(jq .daemon.pid "$M/status.json")"
}
file=$(lib_stored | tail -n 1)
cp "$file" "$T/keep"
line=$(($(wc -l <"$file") / 2))
sed "${line}s/\"event\":\"../\"event\":\"un/" "$T/keep" | dd of="$file" conv=notrunc 2>/dev/null
cp "$file" "$T/damaged"
refused_with "an unknown event"
check "nothing was changed" cmp -n "$(stat -c %s "$T/damaged")" "$file" "$T/damaged"
dd if="$T/keep" of="$file" conv=notrunc 2>/dev/null
# So is one that cannot go on from what is carried over in memory.
sed 's/LOKK.\x00\x00\x00/LOKK?\x00\x00\x00/g' "$T/newer" >"$T/odd"
! cmp -s "$T/newer" "$T/odd" && chmod +x "$T/odd" || fail "the mark of the layout is not in it"
mv "$T/newer" "$T/right" && mv "$T/odd" "$T/newer"
refused_with "another layout"
grep -q 'restart' "$T/out" || fail "it does not say what to do: $(cat "$T/out")"
mv "$T/right" "$T/newer"
check "readable again" "$T/newer" --upgrade "$M"
lokt_started

# What is no mount, or nobody's to upgrade.
mkdir "$T/empty"
for where in "$T/empty" / /proc; do
	refute "no mount" "$LOKTFS" --upgrade "$where"
	same "no mount at $where" "loktfs: no mount of Lokt is at $where" "$("$LOKTFS" --upgrade "$where" 2>&1)"
done
if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1; then
	chmod 755 "$T/newer"
	refute "another user" setpriv --reuid=nobody --clear-groups "$T/newer" --upgrade "$M"
fi
lokt_stop
wait $reader
check "the reader missed nothing" cmp "$T/stream" <(stored_log | sed "${line}!b")
