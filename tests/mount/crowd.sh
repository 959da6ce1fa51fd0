#!/usr/bin/env bash
# 2,000 waiters at one lock.
#
# "Nobody polls, and no thread is parked in the daemon."; of the design, "an idle daemon uses no CPU; a
# waiter costs the daemon under 512 bytes"
. "$(dirname "$0")/lib.sh" || exit 1

crowd=2000
[ "$(ulimit -u)" = unlimited ] || [ "$(ulimit -u)" -gt $((crowd * 2)) ] || skip "ulimit -u is too low"

# The daemon's memory in KiB; its threads; its CPU time in clock ticks.
memory() {
	awk '/^VmRSS/ { print $2 }' "/proc/$D/status"
}
threads() {
	awk '/^Threads/ { print $2 }' "/proc/$D/status"
}
ticks() {
	sed 's/.*) //' "/proc/$D/stat" | awk '{ print $12 + $13 }'
}
# It used no CPU for a while.
idle() {
	local before
	before=$(ticks)
	sleep 0.2
	[ "$(ticks)" = "$before" ]
}
# waiters NUMBER: so many wait for x.
waiters() {
	[ "$(status x '.waiters | length')" = "$1" ]
}
# gather NUMBER: a crowd waits for x.
gather() {
	: >"$T/crowd"
	"$CROWD" wait "$1" "$L/x" >"$T/crowd" &
	gathered=$!
	wait_until 30 grep -q started "$T/crowd" || fail "the crowd does not start"
}

lokt_start

# A first crowd brings what the daemon keeps anyway: buffers, and the heap's first growth.
hold holder x
gather 200
wait_until 10 waiters 200 || fail "200 do not wait"
let_go "$holder"
wait $gathered || fail "the first crowd: $(cat "$T/crowd")"

hold holder x
before=$(memory)
gather $crowd
sleep 1 # for the last of them to be in its open; who is not yet costs nothing yet
wait_until 2 idle || fail "the daemon is busy with nothing"
each=$((($(memory) - before) * 1024 / crowd))
wait_until 20 waiters $crowd || fail "$(status x '.waiters | length') of $crowd wait"
echo "a waiter costs $each bytes"
grep -q __asan_init "$LOKTFS" || [ $each -lt 512 ] || fail "a waiter costs $each bytes"
same "no thread is parked" 1 "$(threads)"

sleep 0.3
before=$(ticks)
sleep 1
within "clock ticks that an idle daemon used in a second" 0 1 $(($(ticks) - before))

# "`status/<name>.json`: one name, cheap enough to poll at 20 Hz": ten seconds of that, of a name of
# its own beside the crowd, take less than a second (of the processor, whatever else it does).
hold beside y@ttl=1h
queue waits y
before=$(ticks)
for ((i = 0; i < 200; i++)); do
	[[ $(<"$M/status/y.json") = *'"state":"held"'* ]] || fail "y is not held"
done
within "clock ticks for 200 looks" 0 99 $(($(ticks) - before))
let_go "$beside"
granted "$waits"
let_go "$waits"

status x '.waiters[].pid' >"$T/queue"
status x '.waiters[].position' >"$T/positions"
check "positions count up" cmp "$T/positions" <(seq $crowd)
begin=$(now_ms)
let_go "$holder"
wait $gathered || fail "the crowd: $(cat "$T/crowd")"
echo "$crowd served in $(($(now_ms) - begin)) ms"
check "everybody was served" grep -qx "crowd good $crowd bad 0 " "$T/crowd"
jq -r 'select(.event == "acquire" and .name == "x") | .pid' "$M/audit.jsonl" |
	tail -n $crowd >"$T/served"
check "in the order of the queue" cmp "$T/queue" "$T/served"
check "free afterwards" state_is x free
cat "$M/audit.jsonl" >"$T/log"
same "every acquire has its end" "$(grep -c '"event":"acquire"' "$T/log")" \
	"$(grep -cE '"event":"(release|auto-prune)"' "$T/log")"
verify_chain "$T/log"
