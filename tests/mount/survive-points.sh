#!/usr/bin/env bash
# The server dies at its n-th append, reply and request, before it, after it and half way: whoever asks sees
# the same as ever, and the log says each thing once. See dying.c, and the rules in fs/revival.h.
#
# "What is granted is logged before it is answered", "no acquired lock is granted twice, no released one stays
# held"
. "$(dirname "$0")/lib.sh" || exit 1

with_library dying

# outcome FILE: what lokt-try said, without numbers.
outcome() {
	sed -E 's/^open OK .*/open OK/; s/^(open E[A-Z]*) .*/\1/; s/^(p?read [1-9]).*/\1/' "$1" | paste -sd ' '
}
# line_of FILE: what it read in pieces, as one.
line_of() {
	sed -nE 's/^read [0-9]+ ?//p' "$1" | tr -d '\n' | sed 's/\\n$//'
}
# story NAME: one of everything; whoever asks sees this, and nothing else.
story() {
	local n=$1 waiter token
	exec 9<>"$L/a$n" || fail "$n: no hold"
	token=$(jq -s '.[].token' <&9)
	"$TRY" "open:rw:$L/a$n+b$n" write:renew read:20 read read close >"$T/waiter" 2>&1 9>&- &
	waiter=$!
	wait_until 5 lib_waits $waiter "a$n" || fail "$n: nobody waits"
	echo renew >&9 || fail "$n: not renewed"
	echo 10m >"$M/leases/l$n" || fail "$n: no lease"
	echo 20m >>"$M/leases/l$n" || fail "$n: the lease is not renewed"
	touch "$M/leases/l$n" || fail "$n: the lease is not touched"
	echo 10m >"$M/freezes/f$n" || fail "$n: no freeze"
	"$TRY" "open:rw:$L/a$n@try" >"$T/denied"
	same "$n: denied" "open EAGAIN" "$(outcome "$T/denied")"
	"$TRY" "open:rw:$L/f$n" >"$T/denied"
	same "$n: frozen" "open EBUSY" "$(outcome "$T/denied")"
	rm "$M/freezes/f$n" || fail "$n: not thawed"
	rm "$M/leases/l$n" || fail "$n: the lease is not removed"
	same "$n: the token, once" "$token" "$(jq -s '.[].token' <&9)"
	exec 9>&-
	wait $waiter
	same "$n: who waited" "open OK write OK read 2 read 1 read 0 close OK" "$(outcome "$T/waiter")"
	check "$n: who reads in pieces" jq -e '.state == "held"' <<<"$(line_of "$T/waiter")"
	exec 9<>"$L/a$n@try,bind=pid" || fail "$n: it is not free"
	rm "$L/a$n@token=$(jq -s '.[].token' <&9)" || fail "$n: not broken"
	same "$n: which is seen" lost "$(jq -rs '.[].state' <&9)"
	exec 9>&-
	same "$n: nothing is left" "" "$(ls "$L" "$M/leases" "$M/freezes" | grep "$n\$")"
	stories=$((stories + 1))
}

stories=0 deaths=0
dying x b 0
lokt_start
story none
# Each way to die, again and again while a story goes on; the servers in between die on their way as well.
if [ -z "${LOKT_POINTS-}" ]; then
	for how in "a b 2 4" "a h 3 5" "a a 1 5" "r b 5 19" "r a 11 23" "q b 9 17" "s b 1 9" "x a 7 29"; do
		# shellcheck disable=SC2086
		dying $how
		story "${how// /}"
		deaths=$((deaths + 1))
		dying x b 0
	done
else # each point alone: LOKT_POINTS is the step, 1: all of them, which takes minutes
	for how in "a b" "a h" "a a" "r b" "r a" "q b" "s b" "s a"; do
		for ((i = 1; ; i += LOKT_POINTS)); do
			# shellcheck disable=SC2086
			dying $how $i
			story "${how// /}$i"
			read -r _ _ left _ <"$T/dying"
			[ "$left" = 00000 ] || break
			deaths=$((deaths + 1))
		done
		dying x b 0
		echo "$how: $i points"
	done
fi
[ "$(jq .daemon.restarts "$M/status.json")" -ge "$deaths" ] || fail "they have not died"

cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "each token once" jq -s -e '[.[] | select(.event == "acquire") | .token]
	| . == (sort | unique)' "$T/log"
same "each grant once" $((stories * 4)) "$(count '.event == "acquire"')"
same "each end once" $((stories * 4)) \
	"$(count '.event == "release" or .event == "auto-prune" or .event == "force-break"')"
same "each is removed once" "$stories $stories" \
	"$(count '.event == "force-break"') $(count '.event == "unfreeze"')"
