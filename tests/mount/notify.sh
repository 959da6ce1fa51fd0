#!/usr/bin/env bash
# What the daemon tells the service manager that started it: sd_notify(3), with a socket of this
# test's own in NOTIFY_SOCKET's place.
#
# A manager that is dead, deaf or no manager at all must not keep it from serving.
. "$(dirname "$0")/lib.sh" || exit 1

need python3

# listen ADDRESS FILE: a manager; writes what it is told to FILE, and at READY=1 whether $M serves.
listen() {
	: >"$2"
	python3 - "$1" "$2" "$M" <<'END' &
import os, socket, sys
address, out, mount = sys.argv[1], open(sys.argv[2], "w", buffering=1), sys.argv[3]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind("\0" + address[1:] if address[0] == "@" else address)
print("listening", file=out)
while True:
    said = manager.recv(4096).decode()
    print(said.replace("\n", " "), file=out)
    if "READY=1" in said:
        serves = os.path.ismount(mount) and os.path.exists(mount + "/status.json")
        print("it serves" if serves else "it does not serve", file=out)
END
	wait_until 10 grep -q listening "$2" || fail "no listener at $1"
}

# serves_in ADDRESS: in the foreground, as a unit runs it.
serves_in() {
	NOTIFY_SOCKET=$1 "$LOKTFS" -f -o "state=$S" "$M" </dev/null 2>"$T/daemon.log" &
	wait_until 10 test -e "$M/status.json" || fail "NOTIFY_SOCKET=$1 keeps it from serving"
	lokt_started
}

for address in "$T/manager" "@lokt-test-$$"; do
	listen "$address" "$T/said"
	serves_in "$address"
	wait_until 10 grep -q 'it ' "$T/said" || fail "no READY=1 at $address"
	same "ready when it serves" "READY=1 STATUS=The mount serves|it serves" \
		"$(sed 1d "$T/said" | paste -sd '|')"
	lokt_stop
	wait_until 10 grep -q '^STOPPING=1' "$T/said" || fail "no STOPPING=1: $(cat "$T/said")"
	same "no complaint" "" "$(grep -v "the log in .*: events=" "$T/daemon.log")"
	kill %%
done

# In the background, and ended by umount(8).
listen "$T/manager2" "$T/said"
NOTIFY_SOCKET=$T/manager2 lokt_start
wait_until 10 grep -q 'it serves' "$T/said" || fail "no READY=1 from the background"
umount "$M" || fusermount3 -u "$M"
wait_until 10 grep -q '^STOPPING=1' "$T/said" || fail "no STOPPING=1 after umount"
wait_until 10 lokt_ended || fail "the daemon did not end"

# A mount that does not come is never ready.
: >"$T/said"
listen "$T/manager3" "$T/said"
NOTIFY_SOCKET=$T/manager3 "$LOKTFS" -f -o "state=$S" "$T/nowhere" 2>"$T/why" &&
	fail "mounted nowhere"
same "not ready" listening "$(cat "$T/said")"

# No manager there, nobody who listens, nothing that could.
: >"$T/file"
python3 -c 'import socket, sys, time
deaf = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
deaf.bind(sys.argv[1])
push = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
push.setblocking(False)
try:
    while True: push.sendto(b"x", sys.argv[1])
except BlockingIOError: open(sys.argv[2], "w")
stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stream.bind(sys.argv[3])
time.sleep(99)' "$T/deaf" "$T/full" "$T/stream" &
wait_until 10 test -e "$T/full" || fail "the deaf manager is not full"
wait_until 10 test -e "$T/stream" || fail "no stream"
for address in "$T/deaf" "$T/stream" "$T/file" "$T/nobody" "$T" @nobody @ / '' relative vsock:1:2 \
	"/$(printf '%0200d' 0)"; do
	serves_in "$address"
	expect 'close OK' "open:rw:$L/x" close
	lokt_stop
	grep -q "service manager\|NOTIFY_SOCKET" "$T/daemon.log" ||
		fail "NOTIFY_SOCKET=$address: nobody is told: $(cat "$T/daemon.log")"
done

# Nobody below the daemon hears of the socket: fusermount3, which it runs to mount without the right
# to, would. (A mount namespace of its own, for this test alone.)
[ "$(id -u)" = 0 ] || exit 0
cat >"$T/fusermount3" <<END
#!/bin/sh
env >$T/environment
exit 1
END
chmod +x "$T/fusermount3"
NOTIFY_SOCKET=$T/nobody unshare -m --propagation private sh -c 'mount --bind "$1" "$2" &&
	exec setpriv --bounding-set -sys_admin "$3" -f -o "state=$4" "$5"' sh "$T/fusermount3" \
	"$(realpath "$(command -v fusermount3)")" "$LOKTFS" "$S" "$M" 2>"$T/why"
grep -q PATH= "$T/environment" || fail "fusermount3 was not run: $(cat "$T/why")"
refute "NOTIFY_SOCKET is gone" grep NOTIFY_SOCKET "$T/environment"
