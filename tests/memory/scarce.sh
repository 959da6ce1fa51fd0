#!/usr/bin/env bash
# The daemon's memory fails: its n-th allocation, for every n, whatever it is doing.
#
# It may refuse what it was asked for (ENOMEM, EIO). It does not die of it, loses nothing and leaves nothing
# behind, and the next who asks is served. The server may die while it begins in the place of a dead one;
# then yet another begins.
export LOKT_TEST_LIMIT=${LOKT_TEST_LIMIT:-280} # twenty seconds do where nobody else is at work
. "$(dirname "$0")/../mount/lib.sh" || exit 1
need python3

here=$lib_tree/tests/memory
truncate -s 4096 "$T/control"
printf '#!/bin/sh\nexport LD_PRELOAD=%s LOKT_SCARCE=%s\nexec %s "$@"\n' \
	"$LOKT_BUILD/libscarce.so" "$T/control" "$LOKTFS" >"$T/loktfs"
chmod +x "$T/loktfs"
LOKTFS=$T/loktfs

lokt_start deadlock_timeout=3ms
python3 "$here/scarce.py" "$M" "$T/control" >"$T/said" 2>&1 || fail "$(tail -n 25 "$T/said")"
cat "$T/said"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
lokt_started
lokt_stop
wait_until 10 eval '[ -z "$(lib_daemons)" ]' # the supervisor goes after its server
lokt_start
same "nothing is left" '[[],[],0]' "$(jq -c '[.locks, .freezes, .totals.waiters]' "$M/status.json")"
