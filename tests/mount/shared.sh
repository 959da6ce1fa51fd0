#!/usr/bin/env bash
# Shared holds.
#
# "`shared`: shared hold; without it every open mode is exclusive, read-only too: exclusive", "a
# shared waiter never overtakes an exclusive one before it."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# waiting NAME: who waits, in order.
waiting() {
	status "$1" '[.waiters[].pid] | join(" ")'
}

# Without it all modes exclude each other.
for mode in rd wr rw; do
	hold holder x $mode
	for other in rd wr rw; do
		expect 'open EAGAIN' "open:$other:$L/x@try"
		expect 'open EAGAIN' "open:$other:$L/x@shared,try"
	done
	let_go "$holder"
done

# With it, any mode of opening joins.
hold a x@shared rd
hold b x@shared wr
hold c x@shared rw
check "three hold it together" jq -e --argjson a "$a" --argjson b "$b" --argjson c "$c" '
	.state == "held" and ([.holders[].pid] == [$a, $b, $c]) and .holder == .holders[0]
	and all(.holders[]; .mode == "shared" and .kind == "open")
	and ([.holders[].token] | . == (sort | unique))' "$M/status/x.json"
for mode in rd wr rw; do
	expect 'open EAGAIN' "open:$mode:$L/x@try"
done
same "a reader of its own hold" "shared held" "$("$TRY" "open:rd:$L/x@shared" read |
	sed -n 's/^read [0-9]* \(.*\)\\n$/\1/p' | jq -r '.mode + " " + .state')"
same "the log has the mode" 4 "$(count '.event == "acquire" and .name == "x" and .mode == "shared"')"

# Behind an exclusive waiter everybody waits, the shared too.
queue e x
queue s x@shared
expect 'open EAGAIN' "open:rw:$L/x@shared,try"
expect 'open EAGAIN' "open:rd+nonblock:$L/x@shared"
same "the modes of those who wait" "exclusive shared" "$(status x '[.waiters[].mode] | join(" ")')"
let_go "$a" "$c"
same "one shared hold is enough to keep it" "" "$(said "$e")"
let_go "$b"
granted "$e"
same "the exclusive one holds it alone" "1 exclusive" \
	"$(status x '"\(.holders | length) \(.holder.mode)"')"
same "and the shared one waits" "" "$(said "$s")"

# S S E S S: those before E together, E alone, those after it together.
queue s2 x@shared
queue e2 x
queue s3 x@shared
queue s4 x@shared
let_go "$e"
granted "$s" "$s2"
same "nobody passes the exclusive one" "$e2 $s3 $s4" "$(waiting x)"
let_go "$s2"
same "nor when one of them goes" "$e2 $s3 $s4" "$(waiting x)"
let_go "$s"
granted "$e2"
same "the others wait" "$s3 $s4" "$(waiting x)"
let_go "$e2"
granted "$s3" "$s4"

# An exclusive waiter that goes away, by its time-out or its death, makes room behind it.
take e x@timeout=2s
take s x@shared # behind it, unless this machine has taken that long
refused "$e" ETIMEDOUT
granted "$s"
queue e x
queue s2 x@shared
die KILL "$e"
granted "$s2"
let_go "$s" "$s2" "$s3" "$s4"
check "free" state_is x free

# Each of them is a hold of its own: to break, to lose, to freeze.
hold a y@shared
"$TRY" "open:rw:$L/y@shared,ttl=1h" pause 'write:renew 200ms' pause >"$T/b" &
b=$!
wait_until 5 grep -q '^open OK' "$T/b" || fail "not granted: $(cat "$T/b")"
hold c y@shared
queue e y
check "one is broken" rm "$L/y@token=$(status y '.holders[] | select(.pid == $p) | .token' \
	--argjson p "$a")"
same "the others stay" "$b $c" "$(status y '[.holders[].pid] | join(" ")')"
kill -USR1 "$b"
wait_until 5 happened '.event == "stale-break" and .name == "y"' || fail "its TTL does not pass"
same "the last one stays" "$c" "$(status y '[.holders[].pid] | join(" ")')"
same "who waits waits" "" "$(said "$e")"
let_go "$c"
granted "$e"
let_go "$e" "$a"
die KILL "$b"
hold a z@shared
echo 1h >"$M/freezes/z"
expect 'open EBUSY' "open:rw:$L/z@shared"
check "who holds it keeps it" state_is z held
rm "$M/freezes/z"
expect 'open OK' "open:rw:$L/z@shared,try"
let_go "$a"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
