#!/usr/bin/env bash
# Server and supervisor die in turn, and leave nothing behind; whoever is told to end, both do; a server that
# keeps dying is given up; and what an old kernel, which sends nothing again, makes of a death.
#
# "fusermount3 -u does nothing while somebody holds", "`ESHUTDOWN`: the daemon is being stopped for good"
. "$(dirname "$0")/lib.sh" || exit 1

with_library dying
dying x b 0
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
# another PID: there is a supervisor, and it is not that one.
another() {
	local pid
	pid=$(supervisor) && [ "$pid" != "$1" ] && ! lib_dead "$pid"
}
descriptors() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}
# carry: how many blocks of memory outlive the server.
carry() {
	local fd
	for fd in "/proc/$D/fd"/*; do
		case $(readlink "$fd") in
		/memfd:lokt*) stat -L -c %b "$fd" ;;
		esac
	done
}
# children PID: how many it has, dead ones too.
children() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v p="$1" '{ sub(/.*\) /, "") } $2 == p' | wc -l
}
all_ended() {
	! mounted && lib_dead "$D" && lib_dead "$S1"
}
# ends WHAT: it is over, cleanly.
ends() {
	wait_until 10 all_ended || fail "$1: it does not end"
	same "$1: the last line" stop "$(stored_log | tail -n 1 | jq -r .event)"
}
begin() {
	lokt_start "$@"
	S1=$(supervisor)
}

begin
exec 9<>"$L/x@ttl=1h"
token=$(jq -s '.[].token' <&9)
queue waiter x
lokt_die
fds=$(descriptors "$D")
blocks=$(carry)
# The supervisor alone, the server alone, in turn.
for i in 1 2 3 4; do
	kill -KILL "$S1"
	wait_until 10 another "$S1" || fail "no new supervisor"
	S1=$(supervisor)
	lokt_started
	[ $i -lt 3 ] || lokt_die
	same "$i: the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
done
check "the wait" lib_waits "$waiter" x
own=$(descriptors "$S1")
for ((i = 0; i < ${LOKT_DEATHS:-12}; i++)); do
	lokt_die
	"$TRY" "open:rw:$L/y$((i % 4))" read close >/dev/null || fail "death $i is noticed"
done
same "the supervisor's descriptors" "$own" "$(descriptors "$S1")"
within "the server's, with some of processes" "$fds" $((fds + 4)) "$(descriptors "$D")"
same "nor a dead child" 1 "$(children "$S1")"
within "blocks of memory that is kept" "$blocks" $((blocks + 128)) "$(carry)"
# Neither runs for a while; then the supervisor dies while the server stands still.
kill -STOP "$D" "$S1"
(sleep 0.2 && kill -CONT "$S1" "$D") 9>&- &
check "it only takes longer" jq . "$M/status.json"
kill -STOP "$D"
kill -KILL "$S1"
kill -CONT "$D"
wait_until 10 another "$S1" || fail "no new supervisor"
S1=$(supervisor)
check "renewed" eval 'echo renew >&9'
exec 9>&-
granted "$waiter"
let_go "$waiter"

# SIGTERM to one of them ends both; also in the moments when there is no server; so does unmounting.
kill -TERM "$D"
ends "SIGTERM to the server"
begin
lokt_die
kill -TERM "$S1"
ends "SIGTERM to the supervisor"
for ((i = 0; i < 6; i++)); do
	begin
	kill -KILL "$D"
	sleep 0.00$i
	kill -TERM "$S1"
	ends "SIGTERM $i ms after a death"
done
begin
kill -STOP "$S1"
kill -KILL "$D"
wait_until 5 lib_dead "$D" || fail "the server survived SIGKILL"
kill -TERM "$S1"
kill -CONT "$S1"
ends "SIGTERM before the death is noticed"
begin
lokt_die
fusermount3 -u "$M" || umount "$M"
ends "unmounting"
begin
kill -STOP "$D"
umount -l "$M" 2>/dev/null || fusermount3 -uz "$M"
kill -KILL "$D"
wait_until 10 all_ended || fail "it outlives its mount"

# A server that keeps dying is given up, says so in one line, and costs nothing.
"$T/loktfs" -f -o "state=$S" "$M" >"$T/said" 2>&1 </dev/null &
wait_until 10 jq -e . "$M/status.json" || fail "no start: $(cat "$T/said")"
lokt_started
S1=$(supervisor)
exec 9<>"$L/x"
token=$(jq -s '.[].token' <&9)
dying q b 1 1
refute "a look" stat "$L/other"
refute "an open" eval ": >'$L/another'"
wait_until 10 grep -q 'keeps dying' "$T/said" || fail "it is not said: $(cat "$T/said")"
same "one line" 1 "$(grep -c 'keeps dying' "$T/said")"
grep 'keeps dying' "$T/said" | grep -q 'fusermount3 -uz' || fail "which does not say what to do"
same "EIO" "open EIO" "$("$TRY" "open:rw:$L/x" | cut -d' ' -f1,2)"
todo="loktfs --upgrade $M starts one again, fusermount3 -uz $M ends the mount"
for command in "$LOKT status" "$LOKT guard x -- true" "$LOKT doctor" "$LOKTFS -o state=$T/s2 $M"; do
	refute "$command" env LOKT_MOUNT="$M" $command
	LOKT_MOUNT=$M $command 2>&1 | grep -q "keeps dying.*$todo" ||
		fail "$command does not say what to do: $(LOKT_MOUNT=$M $command 2>&1)"
done
used=$(awk '{ print $14 + $15 }' "/proc/$S1/stat")
sleep 0.5
within "ticks that it takes" "$used" $((used + 5)) "$(awk '{ print $14 + $15 }' "/proc/$S1/stat")"
check "the log is kept" eval "stored_log | grep -q '\"token\":$token,'" # whose last line may be half there
dying x b 0
check "a server is put there again" "$T/loktfs" --upgrade "$M/"
wait_until 10 jq -e . "$M/status.json" || fail "no service: $(cat "$T/said")"
same "what was held is" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
exec 9>&-
lokt_started
S1=$(supervisor)
kill -TERM "$D"
wait_until 10 all_ended || fail "it does not end"

# A kernel before 6.9: waits end with EINTR, closes that were on their way are done, holds go on.
begin no_resend
exec 9<>"$L/x@ttl=1h" 8<>"$L/closing"
token=$(jq -s '.[].token' <&9)
take waiter x
wait_until 5 lib_waits "$waiter" x || fail "nobody waits"
dying a b 1
take granted free
wait_until 5 eval '! lib_dead "$D" || true; [ "$(cut -c5-9 "$T/dying")" = 00000 ]' || fail "it lives"
refused "$waiter" EINTR
refused "$granted" EINTR
lokt_started
dying a b 1
exec 8>&-
wait_until 5 eval '[ "$(cut -c5-9 "$T/dying")" = 00000 ]' || fail "it lives"
wait_until 5 state_is closing free || fail "a close is lost"
wait_until 5 state_is free free || fail "nobody has it, but it is held"
same "the hold goes on" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
check "renewed" eval 'echo renew >&9'
exec 9>&-
wait_until 5 state_is x free || fail "it is not released"
lokt_started
kill -TERM "$D"
wait_until 10 all_ended || fail "it does not end"

# One that never serves: who started it is told so, and nothing stays mounted.
dying r a 1 1
timeout 30 "$T/loktfs" -o "state=$S" "$M" >"$T/said" 2>&1 </dev/null
same "exit code" 1 $?
grep -q "cannot serve $M: .*$S" "$T/said" || fail "it does not say why: $(cat "$T/said")"
! mounted || fail "it is mounted"
dying x b 0

# There, too, nobody waits for ever where no server goes on.
begin no_resend
exec 9<>"$L/x"
take waiter x
wait_until 5 lib_waits "$waiter" x || fail "nobody waits"
dying a b 1 1
kill -KILL "$D"
refused "$waiter" EIO
dying x b 0
wait_until 10 jq -e . "$M/status.json" || fail "no service"
same "what was held is" held "$(jq -r .state <&9)"
exec 9>&-
lokt_started
kill -TERM "$D"
wait_until 10 all_ended || fail "it does not end"
