#!/usr/bin/env bash
# A holder that ends without closing.
#
# "`auto-prune` (`reason`: `killed` + `signal`, `exited`, `reboot`, `unknown`): the holder died
# without closing"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# ends NAME: how the holds of NAME ended, says the log.
ends() {
	events '.name == $n and (.event == "auto-prune" or .event == "release")' --arg n "$1" |
		jq -r '[.event, .reason, .signal // "", .pid] | join(" ")'
}

for signal in KILL TERM ABRT; do
	name=killed-$signal
	hold holder "$name"
	queue next "$name"
	ulimit -c 0
	die $signal "$holder" 2>/dev/null
	granted "$next"
	same "how it ended" "auto-prune killed $(kill -l $signal) $holder" "$(ends "$name")"
	same "the order in the log" "acquire auto-prune acquire" \
		"$(events '.name == $n' --arg n "$name" | jq -s -r '[.[].event] | join(" ")')"
	check "the tokens belong together" jq -s -e --arg n "$name" '[.[] | select(.name == $n)]
		| .[0].token == .[1].token and .[1].token < .[2].token' "$M/audit.jsonl"
	let_go "$next"
done

# Exits with the descriptor open, whatever the code.
bash -c 'exec 9>"$1"; exit 3' bash "$L/exited" &
holder=$!
wait $holder
wait_until 5 state_is exited free || fail "still held"
same "how it ended" "auto-prune exited  $holder" "$(ends exited)"

# Closes in order: no prune.
bash -c 'exec 9>"$1"; exec 9>&-; "$TRY" "settle:$1"; exit 3' bash "$L/closed" &
holder=$!
wait $holder
same "how it ended" "release   $holder" "$(ends closed)"

# Many at once, each reaped as soon as it dies: nothing unknown.
pids=()
for ((i = 0; i < 24; i++)); do
	hold pid "many$i"
	pids+=("$pid")
done
kill -KILL "${pids[@]}"
wait "${pids[@]}" 2>/dev/null
prunes() {
	count '.event == "auto-prune" and (.name | startswith("many"))'
}
wait_until 5 eval '[ "$(prunes)" = 24 ]' || fail "24 died, $(prunes) pruned"
same "all by signal 9" 24 "$(count '.reason == "killed" and .signal == 9
	and (.name | startswith("many"))')"
