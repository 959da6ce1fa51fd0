#!/usr/bin/env bash
# Several names as one hold.
#
# "`a+b` takes both or neither, and `a+b` is `b+a`; `a+a` is `EINVAL`. A group is one hold: one token,
# one TTL, one audit line per event with `names` sorted. It waits in every name's queue and holds back
# later arrivals there, so it is not starved; whatever the orders, groups alone never deadlock.
# Freezing, breaking or expiring any of its names affects the whole group; it stands in the status of
# each."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start deadlock_timeout=none

# holds PID NAME…: the process holds all of these.
holds() {
	local name
	for name in "${@:2}"; do
		same "the holder of $name" "$1" "$(status "$name" .holder.pid)"
	done
}
# lines NAMES: the events of the hold of these names (JSON), in order.
lines() {
	events '.names == $n and .event != "deny"' --argjson n "$1" | jq -r .event | paste -sd ' '
}

# Both, as one.
hold g b+a
holds "$g" a b
check "one hold in both" jq -se 'map(.holder | del(.age_ms)) | .[0] == .[1]
	and (.[0] | .names == ["a", "b"] and .mode == "exclusive")' "$M/status/a.json" "$M/status/b.json"
for spec in a b a+b b+a b+a+c c+b; do
	expect 'open EAGAIN' "open:rw:$L/$spec@try"
done
expect 'open OK' "open:rw:$L/c@try"
same "ls lists the names" "a, b" "$(ls -m "$L")"
check "a group exists" test -e "$L/a+b"
same "one line, sorted" '["a","b"] null' \
	"$(events '.event == "acquire" and .token == $t' --argjson t "$(status a .holder.token)" |
		jq -rc '"\(.names) \(.name)"')"
check "the denial's too" happened '.event == "deny" and .names == ["a", "b"]'
check "status.json has it in both" jq -e '[.locks[] | .name + ":" + .state] | sort
	== ["a:held", "b:held"]' "$M/status.json"
let_go "$g"
same "one line for its end" "acquire release" "$(lines '["a","b"]')"
same "both are free" "" "$(ls -A "$L")"

# Or neither: what fails takes nothing, what waits takes nothing.
hold h b
expect 'open EAGAIN' "open:rw:$L/a+b@try"
expect 'open ETIMEDOUT' "open:rw:$L/a+b@timeout=50ms"
check "a is free" state_is a free
expect 'open OK' "open:rw:$L/a@try"

# It waits in every queue, and holds back who comes later.
queue g a+b
same "in the queue of a" "$g" "$(status a '[.waiters[].pid] | join(" ")')"
same "in the queue of b" "$g" "$(status b '[.waiters[].pid] | join(" ")')"
check "as a group" jq -e '.waiters[0].names == ["a", "b"]' "$M/status/a.json"
check "a is held by nobody" state_is a free
expect 'open EAGAIN' "open:rw:$L/a@try"
expect 'open EAGAIN' "open:rw:$L/a+c@try"
expect 'open OK' "open:rw:$L/c@try"
queue after_a a
queue after_b b
queue other b+c
let_go "$h"
granted "$g"
holds "$g" a b
same "nobody overtook it" "" "$(said "$after_a")$(said "$after_b")$(said "$other")"
let_go "$g"
granted "$after_a" "$after_b"
same "in b's own order" "" "$(said "$other")"
let_go "$after_b"
granted "$other"
let_go "$after_a" "$other"

# A group that gives up, or dies, while it waits lets go who waited for it alone.
hold h b
take g a+b@timeout=2s
take after_a a # behind the group, unless this machine has taken that long
refused "$g" ETIMEDOUT
granted "$after_a"
let_go "$after_a"
queue g a+b
queue after_a a
die KILL "$g"
granted "$after_a"
let_go "$after_a" "$h"

# What is read from its descriptor; one TTL, renewed there and by the name of any of them.
exec 9<>"$L/c+a+b@ttl=30s,owner=me" || fail "cannot take a+b+c"
check "the line" jq -e --argjson p $$ '.names == ["a", "b", "c"] and has("name") == false
	and .token > 0 and .owner == "me" and .pid == $p and .ttl_ms == 30000 and .state == "held"' <&9
echo 'renew 60s' >&9 || fail "cannot renew"
same "the TTL of each" "60000 60000 60000" \
	"$(for n in a b c; do status $n .holder.ttl_ms; done | paste -sd ' ')"
check "renewed by one name" eval 'echo "b 90s" >"$M/renew"'
same "the TTL of each" "90000 90000 90000" \
	"$(for n in a b c; do status $n .holder.ttl_ms; done | paste -sd ' ')"
same "one line each" "acquire renew renew" "$(lines '["a","b","c"]')"
exec 9>&-

# Expiring: one line, and all are the next one's.
exec 9<>"$L/a+b@ttl=1h" || fail "cannot take a+b"
token=$(jq .token <&9)
queue after_a a
queue after_b b
echo 'renew 200ms' >&9
granted "$after_a" "$after_b"
same "lost" lost "$(jq -r .state <&9)"
same "one stale-break" 1 "$(count '.event == "stale-break" and .token == $t and .names == ["a", "b"]' \
	--argjson t "$token")"
exec 9>&-
let_go "$after_a" "$after_b"

# Breaking, by the name of one or of all.
for spec in b a+b b+a; do
	exec 9<>"$L/a+b" || fail "cannot take a+b"
	token=$(jq .token <&9)
	queue after_a a
	expect 'unlink EBUSY' "unlink:$L/$spec"
	expect 'unlink ESTALE' "unlink:$L/$spec@token=$((token + 1))"
	expect 'unlink OK' "unlink:$L/$spec@token=$token"
	granted "$after_a"
	check "the other name too" state_is b free
	same "lost" lost "$(jq -r .state <&9)"
	out=$( (echo renew >&9) 2>&1) && fail "the broken hold was renewed"
	same "one force-break" 1 "$(count '.event == "force-break" and .token == $t' --argjson t "$token")"
	exec 9>&-
	let_go "$after_a"
done
expect 'unlink ENOENT' "unlink:$L/a+b"

# "`frozen=wait`: while frozen, wait for the thaw (within `timeout`) in place of failing: fail"
# Freezing: one frozen name refuses the group, where it waits and where it comes.
hold h a
queue g a+b
queue polite b+a@frozen=wait
check "freeze" eval 'echo 1h >"$M/freezes/b"'
refused "$g" EBUSY
expect 'open EBUSY' "open:rw:$L/a+b"
expect 'open EBUSY' "open:rw:$L/c+b@try"
let_go "$h"
sleep 0.2
same "who waits for the thaw waits" "" "$(said "$polite")"
same "in both queues" "$polite $polite" \
	"$(for n in a b; do status $n '.waiters[].pid'; done | paste -sd ' ')"
expect 'open EAGAIN' "open:rw:$L/a@try"
rm "$M/freezes/b"
granted "$polite"
echo 1h >"$M/freezes/a"
check "who holds it keeps it" state_is b held
expect 'open EBUSY' "open:rw:$L/b+a"
same "the status of each" "true false" "$(for n in a b; do status $n '.freeze != null'; done |
	paste -sd ' ')"
rm "$M/freezes/a"

# Its holder dies: one line.
die KILL "$polite"
wait_until 5 eval 'state_is a free && state_is b free' || fail "the dead group holds on"
same "one line" 1 "$(count '.event == "auto-prune" and .names == ["a", "b"] and .signal == 9')"

# Shared and counted groups.
hold g a+b@shared
hold h b@shared
expect 'open OK' "open:rw:$L/b+c@shared,try"
expect 'open EAGAIN' "open:rw:$L/a+c@try"
let_go "$g"
expect 'open EAGAIN' "open:rw:$L/b@try"
let_go "$h"
hold g a+b@slots=2
hold h b+a@slots=2
expect 'open EAGAIN' "open:rw:$L/b+c@slots=2,try"
expect 'open EINVAL' "open:rw:$L/b+c@try"
let_go "$g" "$h"

# Names and lengths.
for bad in a+a a+b+a a+ +a a++b a+.b; do
	expect 'open EINVAL' "open:rw:$L/$bad"
done
n60=$(printf 'n%.0s' {1..60})
expect 'open OK' "open:rw:$L/1$n60+2$n60+3$n60+4$n60@try"
expect 'open ENAMETOOLONG' "open:rw:$L/1$n60+2$n60+3$n60+4$n60+5$n60"
same "everything is free" "" "$(ls -A "$L")"

# Whatever the orders: they all come through, though each wants what another has.
go_round() {
	for ((k = 0; k < 25; k++)); do
		exec 9>"$L/$1" || fail "cannot open $1"
		exec 9>&-
	done
}
pids=()
for spec in a+b b+a b+c c+b c+a a+c a+b+c c+b+a a b c b+c@shared; do
	go_round $spec &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait_until 30 gone "$pid" || fail "they wait for each other: $(jq -c .locks "$M/status.json")"
	wait "$pid" || fail "one of them fails"
done
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
same "names are always sorted" 0 "$(jq -c 'select(.names and .names != (.names | sort))' "$T/log" | wc -l)"
same "nobody held what another had" "" "$(jq -n -r '
	reduce inputs as $e ({held: {}, bad: []};
		($e.names // [$e.name]) as $n
		| if $e.event == "acquire" and $e.mode == "exclusive" and ($e.pid | IN($g[] | tonumber)) then
			reduce $n[] as $m (.; (if .held[$m] then .bad += ["\($e.seq) \($m)"] else . end)
				| .held[$m] = $e.token)
		elif $e.event | IN("release", "auto-prune") then
			reduce $n[] as $m (.; if .held[$m] == $e.token then .held[$m] = null else . end)
		else . end) | .bad[]' --argjson g "$(printf '%s\n' "${pids[@]}" | jq -R . | jq -sc .)" \
	"$T/log")"
