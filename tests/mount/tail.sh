#!/usr/bin/env bash
# audit.jsonl and audit while old log files are dropped.
#
# "`audit.jsonl`: the same events as an ordinary growing file: grep, wc, jq, tail -f, tail -n 5", "A
# reader overrun by the retained history (`-o audit_max=`) gets one unchained
# `{"event":"missed","count":N}`."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start audit_max=65536
cycles() {
	"$CROWD" churn 1 $(($1 / 2)) "$L" >"$T/churn" || fail "$(cat "$T/churn")"
}

tail -n 0 -s 0.05 -f "$M/audit.jsonl" >"$T/followed" 2>"$T/complaints" &
follower=$!
wait_until 5 reads_at_end $follower || fail "tail -f does not go to the end"
exec 8<"$M/audit"
dd bs=40 count=1 status=none <&8 >"$T/slow"
followed() {
	grep -q "^{\"seq\":$(tail -n 1 "$M/audit.jsonl" | jq .seq)," "$T/followed"
}
for ((i = 0; i < 40; i++)); do
	cycles 30
	((i % 2)) || wait_until 5 followed || fail "tail -f does not follow" # or it would be overrun
	# Wherever a log file ends, five lines are five lines.
	same "tail -n 5" 5 "$(tail -n 5 "$M/audit.jsonl" | wc -l)"
	check "whole ones" jq -es 'length == 5' <(tail -n 5 "$M/audit.jsonl")
done
[ "$(head -n 1 "$M/audit.jsonl" | jq .seq)" -gt 1 ] || fail "nothing was dropped: this tests nothing"
last=$(tail -n 1 "$M/audit.jsonl" | jq .seq)
wait_until 5 grep -q "^{\"seq\":$last," "$T/followed" || fail "tail -f does not come to the end"
die TERM $follower
same "nothing twice" "$(jq .seq "$T/followed" | sort -u | wc -l)" "$(wc -l <"$T/followed")"
same "no complaint" "" "$(cat "$T/complaints")"

# Overrun in the middle of a line: the notice is a line of its own.
dd bs=4096 count=2 status=none <&8 >>"$T/slow"
same "the notice" '{"event":"missed","count":' "$(sed -n 2p "$T/slow" | cut -c1-26)"
exec 8<&-
lokt_stop
