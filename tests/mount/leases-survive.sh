#!/usr/bin/env bash
# Leases over the end of the daemon; over the end of the machine see reboot.sh and power.sh.
#
# "Survives the daemon and the machine; time that passed meanwhile counts."
. "$(dirname "$0")/lib.sh" || exit 1

E=$M/leases
lokt_start
echo 1h >"$E/long@owner=stage-1"
echo 1h >"$E/released"
rm "$E/released"
echo 1h >"$E/broken"
rm "$L/broken@token=$(status broken .holder.token)"
echo 5m >"$E/renewed"
echo 2h >>"$E/renewed"
token=$(status long .holder.token)
acquired=$(status long .holder.acquired_ts)

# there SECONDS: the leases are what they were, and that of `short` ends in its time.
there() {
	same "the leases" "long, renewed" "$(ls -m "$E" | sed 's/, short$//')" # which may have ended by now
	check "the same hold" jq -e --argjson t "$token" --arg a "$acquired" '.state == "held"
		and (.holder | .token == $t and .acquired_ts == $a and .owner == "stage-1"
			and .kind == "lease" and .ttl_ms == 3600000 and .remaining_ms > 3400000
			and .remaining_ms < 3600000)' "$M/status/long.json"
	within "the renewed one" 7000000 7200000 "$(status renewed .holder.remaining_ms)"
	expect 'open EAGAIN' "open:rw:$L/long@try"
	refute "taken again" eval 'echo 1h >"$E/long@owner=stage-1"'
	refute "renewed with another label" eval 'echo 1h >>"$E/long"'
	check "renewed by its own" touch "$E/long@owner=stage-1"
	expect 'open OK' "open:rw:$L/released@try"
	expect 'open OK' "open:rw:$L/broken@try"
	hold holder late
	[ "$(status late .holder.token)" -gt "$token" ] || fail "the tokens go back"
	let_go "$holder"
	take waiter short@timeout=60s
	granted "$waiter"
	[ $(($(now_ms) - taken)) -ge 3980 ] || fail "a lease of 4 s ends before its time"
	let_go "$waiter"
	same "how it ended" 1 "$(count '.event == "stale-break" and .token == $t' \
		--argjson t "$short_token")"
}

for end in lokt_stop lokt_kill; do
	taken=$(now_ms)
	echo 4s >"$E/short"
	short_token=$(status short .holder.token)
	$end
	lokt_start
	there
done
same "nothing ended by the way" "acquire renew renew renew" \
	"$(events '.name == "long" and .event != "deny"' | jq -r .event | paste -sd ' ')"

# A TTL that passed while nobody was there.
for end in lokt_stop lokt_kill; do
	echo 300ms >"$E/gone"
	$end
	sleep 0.4
	lokt_start
	wait_until 5 state_is gone free || fail "held beyond its TTL"
	expect 'stat ENOENT' "stat:$E/gone"
	refute "renewed" eval 'echo 1h >>"$E/gone"'
	expect 'close OK' "open:rw:$L/gone@try" close
done
same "how they ended" 2 "$(count '.event == "stale-break" and .name == "gone"')"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
