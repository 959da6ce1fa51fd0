#!/usr/bin/env bash
# A daemon that may open only a few files, as some service managers have it.
#
# "`pid` is the process" of a holder, and how it ended is told, however many came before; the log
# goes on too.
. "$(dirname "$0")/lib.sh" || exit 1

ulimit -n 256 || skip "cannot lower the limit of open files"
lokt_start audit_max=65536
for ((i = 0; i < 4; i++)); do
	"$CROWD" churn 300 3 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
done
hold holder x
same "the holder is known" "$holder" "$(status x .holder.pid)"
die KILL "$holder"
same "and how it ended" "auto-prune killed 9" \
	"$(events '.name == "x"' | tail -n 1 | jq -r '"\(.event) \(.reason) \(.signal)"')"
"$CROWD" churn 1 1000 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
within "bytes of the log" 10000 140000 "$(wc -c <"$T/log")"
