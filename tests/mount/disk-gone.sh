#!/usr/bin/env bash
# The state directory is deleted, and then the server dies: what it knew is gone with it, and there is nothing that
# another could go on from. Nobody is left waiting, and the mount serves again as soon as the log is back.
#
# "`EIO`: the log cannot be written: nothing is granted that could not be remembered"
. "$(dirname "$0")/lib.sh" || exit 1

need jq
serves() {
	jq -e . "$M/status.json"
}
# begin: a daemon that stays in the foreground, and says in $T/said what it has to say; sets D and S1.
begin() {
	mkdir -p "$S"
	"$LOKTFS" -f -o "state=$S" "$M" >"$T/said" 2>&1 </dev/null &
	wait_until 10 serves || fail "no start: $(cat "$T/said")"
	lokt_started
	S1=$(jq .daemon.supervisor_pid "$M/status.json")
}
# no_directory: it is deleted, the server dies, and everybody is told so.
no_directory() {
	rm -rf "$S"
	kill -KILL "$D"
	wait_until 10 grep -q 'keeps dying' "$T/said" || fail "it is not said: $(cat "$T/said")"
	expect 'open EIO' "open:rw:$L/y"
	refute "the status" serves
}
# back: it serves by itself.
back() {
	wait_until 30 serves || fail "$1: no service: $(cat "$T/said")"
	lokt_started
	grep -q 'serves again' "$T/said" || fail "$1: it is not said: $(cat "$T/said")"
	same "$1: the supervisor" "$S1" "$(jq .daemon.supervisor_pid "$M/status.json")"
}
socket() {
	[ "$(find "$S" -name 'upgrade.*' -type s)" ]
}

# It comes back, from a copy: all goes on.
begin
echo 1h >"$M/freezes/frozen"
exec 9<>"$L/x@ttl=1h"
token=$(jq -s '.[].token' <&9)
cp -a "$S" "$T/copy"
no_directory
grep 'keeps dying' "$T/said" | grep -q 'kept' && fail "it says that the log is kept: $(cat "$T/said")"
mv "$T/copy" "$S"
back "a copy"
same "one word about it" 1 "$(grep -c 'keeps dying' "$T/said")"
same "the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
check "the freeze" state_is frozen frozen
check "granted" "$TRY" "open:rw:$L/y@try" close
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"

# An empty one is there: nothing says who holds what, and nobody is granted anything, until a copy is put back.
cp -a "$S" "$T/copy"
no_directory
mkdir -m 700 "$S"
wait_until 10 grep -q "is not in $S any more" "$T/said" || fail "it is not said: $(cat "$T/said")"
expect 'open EIO' "open:rw:$L/x"
same "no log is begun" "" "$(lib_stored)"
cp -a "$T/copy"/log.* "$S"
back "the log"
same "the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
exec 9>&-
rm -rf "$T/copy"

# It can be upgraded in that directory, and in one that came while a server ran.
check "an upgrade" "$LOKTFS" --upgrade "$M"
serves >/dev/null || fail "no service after the upgrade"
lokt_started
S1=$(jq .daemon.supervisor_pid "$M/status.json")
rm -rf "$S"
mkdir -m 700 "$S"
wait_until 10 eval '"$TRY" "open:rw:$L/y@try" close; [ "$(lib_stored)" ]' || fail "no new file"
wait_until 10 socket || fail "nothing listens there"
check "another upgrade" "$LOKTFS" --upgrade "$M"
serves >/dev/null || fail "no service after the other upgrade"
lokt_started
S1=$(jq .daemon.supervisor_pid "$M/status.json")

# Whoever ends it meanwhile, ends it.
no_directory
kill -TERM "$S1"
wait_until 10 eval '! mounted && lib_dead "$S1"' || fail "it does not end"
