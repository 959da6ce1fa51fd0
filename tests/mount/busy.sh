#!/usr/bin/env bash
# Requests come faster than they are answered, and never cease: what is no request is seen all the same.
. "$(dirname "$0")/lib.sh" || exit 1

supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
another() {
	local pid
	pid=$(supervisor) && [ "$pid" != "$1" ] && ! lib_dead "$pid"
}

lokt_start
"$CROWD" churn 256 1000000 "$L" >/dev/null 2>&1 &
crowd=$!
wait_until 10 eval '[ "$(jq ".locks | length" "$M/status.json")" -gt 8 ]' || fail "there is no crowd"

# The end of a process that a hold is bound to, though its child has the descriptor.
"$BASH" -c 'exec 8>"$1/bound@bind=pid"; sleep 100 8>&8 & read -r _' - "$L" < <(sleep 100) &
opener=$!
wait_until 5 state_is bound held || fail "no hold"
die KILL "$opener"
wait_until 10 state_is bound free || fail "the end of a process is not seen"

# The supervisor's, and being told to end.
before=$(supervisor)
kill -KILL "$before"
wait_until 10 another "$before" || fail "the supervisor's end is not seen"
lokt_started
kill -0 "$crowd" || fail "the crowd is gone"
kill -TERM "$D"
wait_until 10 lokt_ended || fail "it does not hear that it is to end"
