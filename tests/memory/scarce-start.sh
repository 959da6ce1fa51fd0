#!/usr/bin/env bash
# The daemon's memory fails while it starts: its n-th allocation, for every n.
#
# It serves what the log says, or says why not, and leaves nothing mounted. The first 120 allocations are those of
# a start; the more lines the log has the more there are.
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

# arm N: the N-th allocation of every process fails.
arm() {
	python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("<qQQQ", 0, int(sys.argv[1]), 0, 0))' \
		"$1" | dd of="$T/control" conv=notrunc status=none
}
refusals=0
for ((n = 1; n <= 120; n++)); do
	arm "$n"
	if timeout 10 "$LOKTFS" -o "state=$S" "$M" </dev/null >"$T/start" 2>&1; then
		arm 0
		lokt_started
		[ -e "$M/freezes/kept" ] || fail "allocation $n: the state is not that of the log"
		check "allocation $n: it serves" "$TRY" "open:rw:$L/x@try" close
		lokt_stop
	else
		rc=$?
		grep -lzF "$T/" /proc/[0-9]*/cmdline 2>/dev/null | cut -d / -f 3 | grep -vx $$ >"$T/daemons"
		refusals=$((refusals + 1))
		within "allocation $n: how it ended" 1 123 $rc
		[ -s "$T/start" ] || fail "allocation $n: refused without a word"
		mounted && fail "allocation $n: mounted, and nobody serves"
	fi
done
echo "$refusals of $((n - 1)) starts were refused"
