#!/usr/bin/env bash
# The memory of a server that takes the place of a dead one fails: its n-th allocation, for every n.
#
# It ends, and yet another goes on; whoever held, waited or had a file open notices nothing. What cannot be had for
# now is never taken for gone.
export LOKT_TEST_LIMIT=${LOKT_TEST_LIMIT:-280}
. "$(dirname "$0")/../mount/lib.sh" || exit 1
need python3

truncate -s 4096 "$T/control"
printf '#!/bin/sh\nexport LD_PRELOAD=%s LOKT_SCARCE=%s\nexec %s "$@"\n' \
	"$LOKT_BUILD/libscarce.so" "$T/control" "$LOKTFS" >"$T/loktfs"
chmod +x "$T/loktfs"
python3 "$lib_tree/tests/memory/revival.py" "$M" "$T/control" "$T/loktfs" "$S" "$T/daemons" >"$T/said" 2>&1 ||
	fail "$(tail -n 25 "$T/said")"
cat "$T/said"
