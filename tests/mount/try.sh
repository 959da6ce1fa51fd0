#!/usr/bin/env bash
# Not waiting, and not waiting for ever.
#
# "`timeout=DUR`: give up waiting after DUR; `none` likewise: wait for ever (`-o timeout=`)",
# "`try`: `timeout=0`; so does `O_NONBLOCK`", "`EAGAIN`: `try` or `O_NONBLOCK`, and it would have to
# wait", "`ETIMEDOUT`: waited `timeout`"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
for free in x@try x@timeout=0 x@timeout=300ms; do
	expect 'close OK' "open:rw:$L/$free" close
done
expect 'close OK' "open:rw+nonblock:$L/x" close

hold holder x
for spec in x@try x@timeout=0 x@timeout=0s x@try,ttl=1s x@owner=a,try; do
	expect 'open EAGAIN' "open:rw:$L/$spec"
done
expect 'open EAGAIN' "open:rw+nonblock:$L/x"
expect 'open EAGAIN' "open:rd+nonblock:$L/x"
expect 'open EAGAIN' "open:wr+nonblock:$L/x@timeout=5s"
expect 'open EAGAIN' "open:rd:$L/x@try"
expect 'open OK' "open:rw:$L/y@try"

# The time-out: not before, and not long after.
out=$("$TRY" "open:rw:$L/x@timeout=300ms")
same "the timeout's error" "open ETIMEDOUT" "${out% * *}"
within "the wait in ms" 299 60000 "$(cut -d' ' -f3 <<<"$out")"
same "who gave up does not wait" 0 "$(status x '.waiters | length')"

# A time-out does not end the others' waiting, and a grant ends the time-out.
queue patient x
take hasty x@timeout=200ms
refused "$hasty" ETIMEDOUT
queue late x@timeout=1h
let_go "$holder"
granted "$patient"
let_go "$patient"
granted "$late"
let_go "$late"

# Denials are told, and told together.
hold holder z
(for ((i = 0; i < 5; i++)); do : 9>"$L/z@try"; done) 2>/dev/null
sum() {
	jq -s --arg r "$1" '[.[] | select(.event == "deny" and .name == "z" and .reason == $r)
		| .count // 1] | add // 0' "$M/audit.jsonl"
}
wait_until 5 eval '[ "$(sum held)" = 5 ]' || fail "5 denials, logged: $(sum held)"
within "lines for them" 1 3 "$(count '.event == "deny" and .name == "z"')"
expect 'open ETIMEDOUT' "open:rw:$L/z@timeout=10ms"
wait_until 5 eval '[ "$(sum timeout)" = 1 ]' || fail "no denial with the reason timeout"
let_go "$holder"

# The mount's own default, and `none` against it.
lokt_stop
lokt_start timeout=200ms
hold holder x
expect 'open ETIMEDOUT' "open:rw:$L/x"
queue patient x@timeout=none
sleep 0.5
same "none waits on" "" "$(said "$patient")"
let_go "$holder"
granted "$patient"
let_go "$patient"
