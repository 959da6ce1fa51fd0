#!/usr/bin/env bash
# The daemon itself is late.
#
# "After any stall of the daemon, requests that arrived in time are handled before deadlines fire."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# One renews, one lets go while the daemon stands still; both before a TTL and a time-out of so many seconds
# pass. False if they did not get there in that time.
stalled() {
	local begin
	begin=$(now_ms)
	"$TRY" "open:rw:$L/renewed@ttl=$1s" pause write:renew read pause close >"$T/renews" &
	renews=$!
	wait_until 5 grep -q '^open OK' "$T/renews" || fail "not granted"
	hold lets_go handed
	take waits "handed@timeout=$1s"
	wait_until 1 lib_waits "$waits" handed
	hold idle "idle@ttl=$1s"
	take gives_up "idle@timeout=$(($1 * 750))ms"
	wait_until 1 lib_waits "$gives_up" idle
	kill -STOP "$D"
	sleep 0.1
	kill -USR1 "$renews" "$lets_go"
	sleep 0.2
	[ $(($(now_ms) - begin)) -lt $(($1 * 700)) ] && return
	kill -CONT "$D"
	kill -KILL "$renews" "$lets_go" "$waits" "$idle" "$gives_up"
	wait "$renews" "$lets_go" "$waits" "$idle" "$gives_up" 2>/dev/null
	lokt_stop
	rm -rf "${S:?}"/*
	lokt_start
	return 1
}

for seconds in 2 4 8 16; do # a busy machine needs more
	stalled $seconds && break
done
sleep $((seconds + 1))
kill -CONT "$D"

wait_until 5 grep -q '^read' "$T/renews" || fail "the renewal hangs"
grep -q '^write OK' "$T/renews" || fail "renewed in time, and lost: $(cat "$T/renews")"
grep -q '"state":"held"' "$T/renews" || fail "renewed in time, and lost: $(cat "$T/renews")"
granted "$waits"
same "no TTL passed there" 0 "$(count '.event == "stale-break" and .name == "renewed"')"
# What nobody renewed is lost; who waited for that has given up before.
refused "$gives_up" ETIMEDOUT
wait_until 5 happened '.event == "stale-break" and .name == "idle"' || fail "idle goes on for ever"
let_go "$waits"
kill -USR1 $renews
wait $renews "$lets_go"
die KILL "$idle"
