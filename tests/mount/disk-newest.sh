#!/usr/bin/env bash
# The newest file of the log is missing, which was begun just before the daemon was killed: that shows, and no
# token comes again.
#
# "`token` is the fencing token: a 64-bit integer that grows with every grant, across names, restarts and
# reboots.", "`corrupt-break`: stored state failed its check and was set aside, never guessed at"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start audit_max=65536
# All within a second of the first line: `end` is not written for one of these.
"$CROWD" churn 1 40 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
exec 9<>"$L/x"
token=$(jq .token <&9)
mapfile -t files < <(lib_stored)
[ ${#files[@]} -ge 3 ] || fail "${#files[@]} log files: this test tests nothing"
lokt_kill
exec 9>&-
rm "${files[-1]}"

lokt_start audit_max=65536
check "it is told" happened '.event == "corrupt-break" and .detail == "end-missing"'
exec 9<>"$L/x@try" || fail "x is not free"
now=$(jq .token <&9)
exec 9>&-
[ "$now" -gt "$token" ] || fail "token $now comes after $token"
check "one chain" "$LOKT" --mount "$M" audit verify
lokt_stop
