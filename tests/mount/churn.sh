#!/usr/bin/env bash
# 256 processes, each with a lock of its own: close, then try at once.
#
# close(2) returns before the daemon hears of it, and is heard before the open that follows: no
# `EAGAIN` from one's own last hold, however many do this at once (with the kernel's default of 12
# requests in the background, a third of these fail).
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
"$CROWD" churn 256 100 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
same "none was denied" "crowd good 25600 bad 0 " "$(cat "$T/churn")"
same "all are free" "" "$(ls -A "$L")"
same "the status tells the same" 0 "$(jq '.locks | length' "$M/status.json")"
