#!/usr/bin/env bash
# The queue: first come, first served.
#
# "First come, first served;"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
hold holder x
waiters=()
for ((i = 0; i < 8; i++)); do
	queue pid x
	waiters+=("$pid")
done
same "the queue in the order of arrival" "${waiters[*]}" "$(status x '[.waiters[].pid] | join(" ")')"
same "positions count from 1" "1 2 3 4 5 6 7 8" "$(status x '[.waiters[].position] | join(" ")')"

# One in the middle goes away; the others keep their order.
die KILL "${waiters[3]}"
unset 'waiters[3]'
waiters=("${waiters[@]}")
wait_until 5 eval '[ "$(status x ".waiters | length")" = 7 ]' || fail "the dead waiter stays"
same "one left, seven wait" "${waiters[*]}" "$(status x '[.waiters[].pid] | join(" ")')"

let_go "$holder"
for ((i = 0; i < ${#waiters[@]}; i++)); do
	granted "${waiters[i]}"
	same "the holder is the one whose turn it is" "${waiters[i]}" "$(status x .holder.pid)"
	[ $((i + 1)) -eq ${#waiters[@]} ] || same "nobody else got it" "" "$(said "${waiters[i + 1]}")"
	let_go "${waiters[i]}"
done
same "granted in order, says the log" "$holder ${waiters[*]}" \
	"$(events '.event == "acquire" and .name == "x"' | jq -s -r '[.[].pid] | join(" ")')"
