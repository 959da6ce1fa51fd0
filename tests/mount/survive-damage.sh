#!/usr/bin/env bash
# The server dies, and the end of the log is damaged: who holds by a line that is left holds on. Whose line was
# lost has lost his hold, is told so, and no token comes again; what stood there is set aside.
#
# "`corrupt-break`: stored state failed its check and was set aside, never guessed at", "`write` gives `ESTALE`",
# "`token` is the fencing token: a 64-bit integer that grows with every grant, across names, restarts and
# reboots."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
supervisor=$(jq .daemon.supervisor_pid "$M/status.json")
exec 9<>"$L/kept" 8<>"$L/lost"
kept=$(jq .token <&9)
lost=$(jq .token <&8)
"$TRY" "open:rw:$L/slept" poll:pri:60000 write:renew close >"$T/sleeper" 2>&1 9>&- 8>&- &
sleeper=$!
wait_until 5 state_is slept held || fail "not held"
queue waiter lost

kill -STOP "$supervisor"
kill -KILL "$D"
wait_until 5 lib_dead "$D" || fail "it lives"
file=$(lib_stored | tail -n 1)
sed -i 's/"event":"acquire","name":"lost"/"event":"acquire","name":"loss"/' "$file"
kill -CONT "$supervisor"

same "who is still in the log" "$kept held" "$(jq -r '"\(.token) \(.state)"' <&9)"
lokt_started
check "it is told" happened '.event == "corrupt-break"'
check "renewed" eval 'echo renew >&9'
# shellcheck disable=SC2154 # queue sets it
granted "$waiter"
[ "$(status lost .holder.token)" -gt "$lost" ] || fail "a token twice: $(status lost .holder.token)"
same "its former holder is told" "open ESTALE" "$(echo renew 2>&1 >&8 | sed 's/.*Stale file handle/open ESTALE/')"
refute "also by a read" jq . <&8
wait $sleeper
same "and who sleeps" "write ESTALE" "$(grep -o '^write E[A-Z]*' "$T/sleeper")"
check "free" state_is slept free
exec 8>&- 9>&-
let_go "$waiter"
wait_until 5 state_is kept free || fail "not given back"
[ "$(find "$S" -name 'set-aside.*' | wc -l)" -ge 1 ] || fail "nothing is set aside"
check "one chain" "$LOKT" --mount "$M" audit verify
lokt_stop
