#!/usr/bin/env bash
# What is put behind a mount is no loktfs, or a bad one: the old one goes on, also while that is being found out.
. "$(dirname "$0")/lib.sh" || exit 1

need python3
call=$(dirname "$lib_self")/call.py
# odd NAME: such a program; see odd.c.
odd() {
	[ -e "$T/$1" ] || cp "$LOKT_BUILD/lokt-odd" "$T/$1"
	echo "$T/$1"
}
# upgrade FILE: asks for it; what the answer is.
upgrade() {
	python3 "$call" "$S"/upgrade.* program "$1" 2>&1 | tail -n 1
}
# started FILE: how many processes run it.
started() {
	find /proc/[0-9]*/exe -maxdepth 0 -lname "$1" 2>/dev/null | wc -l
}
runs() {
	[ "$(started "$1")" -gt 0 ]
}
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
# goes_on WHAT: the same two serve, and a hold is what it was.
goes_on() {
	lokt_started
	same "$1: the supervisor" "$S1" "$(supervisor)"
	same "$1: its program" "$real" "$(readlink "/proc/$S1/exe") "
	same "$1: the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
}

export LOKT_REAL=$LOKTFS
real="$(realpath "$LOKTFS") "
lokt_start
S1=$(supervisor)
exec 9<>"$L/x"
token=$(jq -s '.[].token' <&9)

# Programs that are none.
: >"$T/plain"
while IFS='|' read -r what file wanted; do
	got=$(upgrade "$file")
	[[ $got = *$wanted* ]] || fail "$what: $got"
	goes_on "$what"
done <<EOF
a directory|$T|cannot be tried out
no program|$T/plain|cannot be tried out
not loktfs|$(type -P false)|cannot be tried out
one that ends at once|$(odd ends)|did not serve
EOF

# One that never says whether it could: who asks waits, and nobody else.
for name in hangs silent babbles; do
	upgrade "$(odd $name)" >"$T/answer.$name" 9>&- &
	asks=$!
	wait_until 5 runs "$T/$name" || fail "$name is not tried"
	same "$name: one at a time" "another upgrade is on its way" "$(upgrade "$LOKTFS")"
	lokt_die
	[ "$(started "$T/$name")" = 1 ] || fail "a server that dies waits for $name"
	goes_on "$name"
	wait $asks
	grep -q 'has not read the log' "$T/answer.$name" || fail "$name: $(cat "$T/answer.$name")"
	wait_until 5 eval '! runs "$T/$name"' || fail "$name stays"
	goes_on "after $name"
done
# One that can, and then does not serve.
got=$(upgrade "$(odd late)")
same "late" "the new server did not serve" "$got"
lokt_started
goes_on "late"

# It is replaced, or taken away, while it is tried out; and the mount ends meanwhile.
cp "$LOKTFS" "$T/copy"
"$T/copy" --upgrade "$M" || fail "no upgrade"
rm "$T/copy"
lokt_started
lokt_die
check "from a program that is gone" jq -e . "$M/status.json"
check "to another" "$LOKTFS" --upgrade "$M"
lokt_started
S1=$(supervisor)
same "which serves" "$real" "$(readlink "/proc/$S1/exe") "
for ((i = 0; i < 4; i++)); do
	"$LOKTFS" --upgrade "$M" >"$T/up.$i" 2>&1 9>&- &
	ups[i]=$!
done
done_by=0
for ((i = 0; i < 4; i++)); do
	if wait "${ups[i]}"; then
		done_by=$((done_by + 1))
	else
		grep -q 'another upgrade' "$T/up.$i" || fail "four at once: $(cat "$T/up.$i")"
	fi
done
[ $done_by -gt 0 ] || fail "four at once, and none is done"
lokt_started
same "the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"

# A terminal that is closed just when a server begins is nothing to die of.
restarts=$(jq .daemon.restarts "$M/status.json")
same "a hangup" "" "$(upgrade "$(odd hangup)")"
lokt_started
same "one restart, and no other" $((restarts + 1)) "$(jq .daemon.restarts "$M/status.json")"

upgrade "$(odd hangs)" >"$T/answer" 9>&- &
wait_until 5 runs "$T/hangs" || fail "it is not tried"
exec 9>&-
lokt_stop
wait_until 5 eval '! runs "$T/hangs"' || fail "what was tried outlives the mount"
same "no socket is left" "" "$(find "$S" -type s)"

# A supervisor whose parent wants to hear of no child knows all the same how they end.
env --ignore-signal=CHLD "$LOKTFS" -o "state=$S" "$M" </dev/null >>"$T/daemon.log" 2>&1 || fail "no start"
lokt_started
got=$(upgrade "$(type -P false)")
[[ $got = *"cannot be tried out"* ]] || fail "without SIGCHLD: $got"
lokt_stop

# A server whose supervisor is dead, and waited for, before it begins finds another one.
"$LOKTFS" -f -o "state=$S" "$M" </dev/null >>"$T/daemon.log" 2>&1 &
wait_until 10 jq -e . "$M/status.json" || fail "no start"
lokt_started
S1=$(supervisor)
upgrade "$(odd orphan)" >"$T/answer"
wait_until 10 eval '[ "$(supervisor)" != "$S1" ] && ! lib_dead "$(supervisor)"' || fail "it has no supervisor"
lokt_started
lokt_die
check "which starts servers" jq -e . "$M/status.json"
