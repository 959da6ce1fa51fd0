#!/usr/bin/env bash
# A counting semaphore.
#
# "`slots=N`: counting semaphore of N; every user of the name must say the same N while it is in
# use; not with `shared`: 1", "`EINVAL`, `ENAMETOOLONG`: bad spec, or `slots` differs from what is
# in use"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# Three of three.
hold a gpu@slots=3
hold b gpu@slots=3
hold c gpu@slots=3
same "three hold it" "$a $b $c" "$(status gpu '[.holders[].pid] | join(" ")')"
check "each with a token of its own" jq -e '[.holders[].token] | . == (sort | unique)
	and length == 3' "$M/status/gpu.json"
expect 'open EAGAIN' "open:rw:$L/gpu@slots=3,try"
expect 'open ETIMEDOUT' "open:rw:$L/gpu@slots=3,timeout=50ms"

# Another number, or none, or sharing: EINVAL, not a wait.
for spec in gpu gpu@try gpu@slots=1 gpu@slots=2 gpu@slots=4,try gpu@shared gpu@timeout=10ms; do
	expect 'open EINVAL' "open:rw:$L/$spec"
done
hold one single
for spec in single@slots=2 single@slots=2,try; do
	expect 'open EINVAL' "open:rw:$L/$spec"
done
expect 'open EAGAIN' "open:rw:$L/single@slots=1,try"
let_go "$one"
hold one single@shared
expect 'open EINVAL' "open:rw:$L/single@slots=2"
let_go "$one"

# First come, first served.
queue d gpu@slots=3
queue e gpu@slots=3
let_go "$b"
granted "$d"
same "one place, one of them" "" "$(said "$e")"
check "breaking one frees one place" \
	rm "$L/gpu@token=$(status gpu '.holders[] | select(.pid == $p) | .token' --argjson p "$a")"
granted "$e"
same "three hold it" "$c $d $e" "$(status gpu '[.holders[].pid] | join(" ")')"
let_go "$a" "$c" "$d"
expect 'open EINVAL' "open:rw:$L/gpu@slots=2,try"
let_go "$e"

# Out of use another number is as good; waiting is use too.
check "free" state_is gpu free
hold a gpu@slots=2
let_go "$a"
echo 1h >"$M/freezes/gpu"
queue a gpu@slots=2,frozen=wait
expect 'open EINVAL' "open:rw:$L/gpu@slots=3,frozen=wait,timeout=2s"
expect 'open ETIMEDOUT' "open:rw:$L/gpu@slots=2,frozen=wait,timeout=50ms"
queue b gpu@slots=2,frozen=wait
rm "$M/freezes/gpu"
granted "$a" "$b"
let_go "$a" "$b"

# The last death of several frees it for another number.
hold a gpu@slots=2
die KILL "$a"
wait_until 5 state_is gpu free || fail "a dead holder keeps its place"
expect 'open OK' "open:rw:$L/gpu@slots=7,try"

# A lease is exclusive: it finds the name in use.
hold a gpu@slots=2
refute "a lease beside a slot" eval 'echo 10s >"$M/leases/gpu"'
same "one holder" "$a" "$(status gpu '[.holders[].pid] | join(" ")')"
let_go "$a"

for bad in slots slots= slots=0 slots=-1 slots=x slots=1.5 slots=99999999999999999999 slots=2,slots=2 \
	slots=2,shared shared,slots=1; do
	expect 'open EINVAL' "open:rw:$L/gpu@$bad"
done
same "nobody was granted more places than there are" 0 "$(jq -n 'reduce inputs as $e ({n: 0, bad: 0};
	if $e.name != "gpu" then . elif $e.event == "acquire" then .n += 1
	elif ["release", "auto-prune", "force-break"] | index($e.event) then .n -= 1 else . end
	| if .n > 3 then .bad += 1 else . end) | .bad' "$M/audit.jsonl")"
