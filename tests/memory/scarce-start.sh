#!/usr/bin/env bash
# The daemon's memory fails while it starts: its n-th allocation, for every n.
#
# It serves what the log says, or says why it does not, and leaves nothing mounted. This takes minutes,
# since a server that dies is started again: LOKT_TEST_LIMIT=900.
. "$(dirname "$0")/../mount/lib.sh" || exit 1
need python3

truncate -s 4096 "$T/control"
printf '#!/bin/sh\nexport LD_PRELOAD=%s LOKT_SCARCE=%s\nexec %s "$@"\n' \
	"$LOKT_BUILD/libscarce.so" "$T/control" "$LOKTFS" >"$T/loktfs"
chmod +x "$T/loktfs"
LOKTFS=$T/loktfs

lokt_start
echo 1h >"$M/freezes/kept"
lokt_stop

# arm N: the N-th allocation of every process fails; failed: one did.
arm() {
	python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("<qQQQ", 0, int(sys.argv[1]), 0, 0))' \
		"$1" | dd of="$T/control" conv=notrunc status=none
}
failed() {
	[ "$(od -An -j 24 -N 8 -t u8 "$T/control" | tr -d ' ')" != 0 ]
}

refusals=0
for ((n = 1; ; n++)); do
	arm "$n"
	if timeout 10 "$LOKTFS" -o "state=$S" "$M" </dev/null >"$T/start" 2>&1; then
		failed && last= || last=yes
		arm 0
		lokt_started
		[ -e "$M/freezes/kept" ] || fail "allocation $n: the state is not that of the log"
		check "allocation $n: it serves" "$TRY" "open:rw:$L/x@try" close
		[ -z "$last" ] || break
		lokt_stop
	else
		rc=$?
		grep -lzF "$T/" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3 | grep -vx $$ >"$T/daemons"
		refusals=$((refusals + 1))
		within "allocation $n: how it ended" 1 123 $rc
		[ -s "$T/start" ] || fail "allocation $n: nobody says why it does not start"
		mounted && fail "allocation $n: mounted, and nobody serves"
	fi
done
echo "starting: $((n - 1)) allocations failed, $refusals starts were refused"
