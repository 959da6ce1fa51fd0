#!/usr/bin/env bash
# What befalls the supervisor, and the moments when there is no server: signals, closed descriptors, no room for another
# process, a mount that is taken away.
. "$(dirname "$0")/lib.sh" || exit 1

need prlimit
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
begin() {
	lokt_start
	S1=$(supervisor)
}
# another: there is a supervisor, and it is not S1.
another() {
	local pid
	pid=$(supervisor) && [ "$pid" != "$S1" ] && ! lib_dead "$pid"
}
goes_on() {
	same "$1: the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
}
both_ended() {
	! mounted && lib_dead "$D" && lib_dead "$S1"
}
# links PID: what it has open, of what is everybody's to have.
links() {
	find "/proc/$1/fd" -mindepth 1 -printf '%f %l\n' | sort -n
}

# Started with nothing open, or with more than it should have.
"$LOKTFS" -o "state=$S" "$M" <&- >&- 2>&- || fail "no start without descriptors"
lokt_started
S1=$(supervisor)
for pid in "$D" "$S1"; do
	same "standard descriptors" "/dev/null /dev/null /dev/null" \
		"$(links "$pid" | sed -n '1,3s/^[012] //p' | paste -sd ' ')"
done
lokt_stop
: >"$T/ours"
exec 9<>"$T/ours" 77<>"$T/ours"
begin
for pid in "$D" "$S1"; do
	same "nothing of the shell's" 0 "$(links "$pid" | grep -c "$T/ours")"
done
exec 9>&- 77>&-

# Signals that end one of them, or neither.
exec 9<>"$L/x"
token=$(jq -s '.[].token' <&9)
for signal in HUP PIPE; do
	kill -$signal "$D" "$S1"
	goes_on "SIG$signal"
	same "SIG$signal: the server" "$D" "$(jq .daemon.pid "$M/status.json")"
	same "SIG$signal: the supervisor" "$S1" "$(supervisor)"
done
for signal in USR1 USR2 QUIT ALRM; do
	kill -$signal "$D"
	wait_until 5 lib_dead "$D" || fail "the server survived SIG$signal"
	goes_on "SIG$signal to the server"
	lokt_started
	kill -$signal "$S1"
	wait_until 10 another || fail "no supervisor after SIG$signal"
	S1=$(supervisor)
	goes_on "SIG$signal to the supervisor"
done

exec 9>&-
lokt_stop

# No supervisor can be started: that is tried ever more rarely, and works once it can be.
"$LOKTFS" -f -o "state=$S" "$M" </dev/null >"$T/said" 2>&1 &
wait_until 10 jq -e . "$M/status.json" || fail "no start: $(cat "$T/said")"
lokt_started
S1=$(supervisor)
exec 9<>"$L/x"
token=$(jq -s '.[].token' <&9)
prlimit --pid "$D" --nofile=40:4096
kill -KILL "$S1"
wait_until 10 eval '[ "$(supervisor)" = null ]' || fail "without a supervisor there is one: $(supervisor)"
wait_until 10 eval 'LOKT_MOUNT=$M "$LOKT" doctor | grep -q "supervisor.*there is none"' || fail "the doctor sees one"
goes_on "without a supervisor"
tries() {
	grep -c 'supervisor died' "$T/said"
}
wait_until 10 eval '[ "$(tries)" -ge 2 ]' || fail "it is not tried again: $(cat "$T/said")"
within "tries" 2 20 "$(tries)"
prlimit --pid "$D" --nofile=4096:4096
wait_until 30 another || fail "none is started any more: $(cat "$T/said")"
S1=$(supervisor)
lokt_die
goes_on "with one"

# No server can be started: nobody is answered, until one can be; or it is given up, and can be had by an upgrade.
prlimit --pid "$S1" --nofile=6:4096
kill -KILL "$D"
wait_until 10 grep -q 'cannot start a server' "$T/said" || fail "it is not said: $(cat "$T/said")"
prlimit --pid "$S1" --nofile=4096:4096
goes_on "after a while without a server"
lokt_started
prlimit --pid "$S1" --nofile=40:4096
kill -KILL "$D"
wait_until 10 grep -q 'keeps dying' "$T/said" || fail "it is not given up: $(cat "$T/said")"
refute "nobody serves" cat "$M/status.json"
prlimit --pid "$S1" --nofile=4096:4096
check "an upgrade" "$LOKTFS" --upgrade "$M"
goes_on "after the upgrade"
lokt_started
S1=$(supervisor)
exec 9>&-
lokt_stop

# The mount is taken away while there is no server, or one begins.
for how in "umount -l" "umount -f" "umount -f -l"; do
	for ms in 00 01 02 04 08 16; do
		begin
		kill -KILL "$D"
		sleep 0.0$ms
		$how "$M" 2>/dev/null # it is busy at times
		wait_until 10 eval 'lib_dead "$S1" || jq -e . "$M/status.json"' || fail "$how, $ms ms: it hangs"
		if mounted; then
			lokt_started
			umount -l "$M"
		fi
		wait_until 10 both_ended || fail "$how, $ms ms: it does not end"
	done
done
