#!/usr/bin/env bash
# Who else calls the supervisor, or is called in its place: it goes on starting servers, and an upgrade can be had.
. "$(dirname "$0")/lib.sh" || exit 1
flights exclusive
. "$(dirname "$lib_self")/others.sh"

need python3
cp "$(dirname "$lib_self")/call.py" "$T"
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
device() {
	awk -v m="$M" '$5 == m { print $3 }' /proc/self/mountinfo
}
# callers COMMAND…: in the background, until it has done what it can; its process id is in `started`.
callers() {
	"$@" >"$T/calls" 2>&1 &
	started=$!
	wait_until 30 grep -q "done" "$T/calls" || fail "they do not get on: $* $(cat "$T/calls")"
}
# works WHAT: servers are started, and an upgrade is possible.
works() {
	lokt_die
	same "$1: the supervisor" "$S1" "$(supervisor)"
	check "$1: an upgrade" "$LOKTFS" --upgrade "$M"
	lokt_started
	lokt_die
	S1=$(supervisor)
}

lokt_start
S1=$(supervisor)
socket=$S/upgrade.$(device)
same "its owner's alone" "600 $(id -u)" "$(stat -c '%a %u' "$socket")"
works "nobody calls"
for what in silent half deaf; do
	callers python3 "$T/call.py" "$socket" $what 200
	works "$what"
	die KILL $started
	works "$what callers have gone"
done
# The file is gone: it listens anew; and so does another supervisor.
rm "$socket"
works "without the socket"
rm "$socket"
kill -KILL "$S1"
wait_until 10 eval '[ "$(supervisor)" != "$S1" ] && ! lib_dead "$(supervisor)"' || fail "no new supervisor"
S1=$(supervisor)
works "with another one"

# What one user can do to the others'.
others_ready
python=$(PATH=/usr/bin:/usr/local/bin type -P python3) && as $ada "$python" -c '' || skip "ada has no python3"
same "nobody else gets to it" "Permission denied" \
	"$(as $ada "$python" "$T/call.py" "$socket" silent 1 2>&1 | sed -n 's/.*] //p')"
works "ada has called"
mkdir -m 777 "$T/ada"
callers as $ada "$python" "$T/call.py" "$T/ada/upgrade.$(device)" squat
works "ada has a socket of that name"
die KILL $started
cp "$LOKTFS" "$T/bin/loktfs"
lokt_stop
callers as $ada "$python" -c '
import signal, socket
names = []
for number in range(1000):
    names.append(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    try:
        names[-1].bind("\0loktfs-0:%d" % number)
    except OSError:
        pass
print("done", flush=True)
signal.pause()'
lokt_start
S1=$(supervisor)
works "ada has taken whatever name it could have"
refute "another user's upgrade" as $ada "$T/bin/loktfs" --upgrade "$M"
