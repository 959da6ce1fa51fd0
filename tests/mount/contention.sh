#!/usr/bin/env bash
# 64 shells add to one number in one file, each time under a lock.
#
# "without it every open mode is exclusive", "The hold lasts until the last descriptor of it is
# closed", "`acquire` … granted", "`release` … closed", "`token` … grows with every grant"
#
# A shell that exits at once after its last close may be seen as exiting when the daemon hears of it.
. "$(dirname "$0")/lib.sh" || exit 1

shells=64 times=5
lokt_start
echo 0 >"$T/number"

add() {
	local n
	for ((k = 0; k < times; k++)); do
		exec 9>"$L/number" || fail "cannot open the lock"
		read -r n <"$T/number"
		echo $((n + 1)) >"$T/number"
		exec 9>&-
	done
}

for ((i = 0; i < shells; i++)); do
	add &
done
wait

same "no update is lost" $((shells * times)) "$(cat "$T/number")"
check "the lock is free afterwards" state_is number free

jq -c 'select(.name == "number") | [.event, .token]' "$M/audit.jsonl" >"$T/grants"
same "one acquire each" $((shells * times)) "$(grep -c '"acquire"' "$T/grants")"
check "every acquire is followed by its own release, and tokens grow" jq -se '
	[range(0; length; 2) as $i | .[$i:$i + 2]] as $pairs
	| all($pairs[]; .[0][0] == "acquire" and (.[1][0] == "release" or .[1][0] == "auto-prune") and .[0][1] == .[1][1])
	and ([$pairs[][0][1]] | . == (unique | sort))' "$T/grants"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
