#!/usr/bin/env bash
# A hold that is bound to its process outlives the server, also where descriptors are so scarce that not every
# process can be watched.
#
# "the hold ends when the opening process dies, even if a child still has the descriptor"
. "$(dirname "$0")/lib.sh" || exit 1

need jq
(ulimit -n 128 && "$LOKTFS" -o "state=$S" "$M" </dev/null >>"$T/daemon.log" 2>&1) ||
	fail "it does not start: $(cat "$T/daemon.log")"
lokt_started

# More holders than can be watched. The last of them has another lock in a place before that of the bound one.
holders=()
for ((i = 0; i < 64; i++)); do
	hold holder "u$i"
	holders+=("$holder")
done
"$TRY" "open:rw:$L/last" pause "open:rw:$L/second" pause close >"$T/last" 2>&1 &
last=$!
wait_until 5 grep -q '^open OK' "$T/last" || fail "not granted: $(cat "$T/last")"
let_go "${holders[0]}"
kill -USR1 $last
wait_until 5 state_is second held || fail "not granted: $(cat "$T/last")"
hold bound b@bind=pid

lokt_die
same "it holds" "$bound" "$(status b .holder.pid)"
die KILL "$bound"
wait_until 5 state_is b free || fail "held though its process died"
same "which is why" killed "$(events '.name == "b" and .event == "auto-prune"' | jq -r .reason)"
die KILL $last
let_go "${holders[@]:1}"
