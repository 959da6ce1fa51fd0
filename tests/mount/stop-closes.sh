#!/usr/bin/env bash
# What was on its way when the daemon was told to end is done: who has closed has released, and who asks is told
# that it ends.
#
# "`release` (`held_ms`): closed, or lease removed", "`ESHUTDOWN`: the daemon is being stopped for good"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
exec 9<>"$L/closed"
stat "$L/asked" >"$T/stat" # so that the kernel asks no more for it than to open it
kill -STOP "$D"
"$TRY" "open:rw:$L/asked" >"$T/asked" 2>&1 9>&- &
asked=$!
wait_until 2 grep -q request_wait_answer "/proc/$asked/wchan" || sleep 0.2
exec 9>&-
kill -TERM "$D"
kill -CONT "$D"
wait_until 10 lokt_ended || fail "the daemon does not end"
wait $asked
said=$(cut -d' ' -f1,2 "$T/asked") # whichever it heard first
[ "$said" = "open ESHUTDOWN" ] || [ "$said" = "open OK" ] || fail "who asked: $said"
stored_log >"$T/log"
verify_chain "$T/log"
same "the last line" stop "$(tail -n 1 "$T/log" | jq -r .event)"
same "who has closed" "acquire release" \
	"$(jq -r 'select(.name == "closed") | .event' "$T/log" | paste -sd ' ')"
