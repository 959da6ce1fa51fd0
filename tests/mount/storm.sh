#!/usr/bin/env bash
# Everything at once: shells that take, hold, renew, wait, give up, lose, freeze and break four locks,
# while others stop, continue and kill them. Afterwards the log is the judge.
#
# "A release's line comes before the line of the grant that it allows"; one holder at a time; every
# hold ends once; nobody is granted what is frozen; and nothing is left behind.
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start freeze_ttl=200ms
# shellcheck disable=SC2034,SC2054 # used by name; the commas are the specs' own
names=(a b c d)
# shellcheck disable=SC2034,SC2054
options=(try timeout=20ms timeout=300ms ttl=30ms ttl=40ms,timeout=1s timeout=2s
	frozen=wait,timeout=400ms owner=x,timeout=1s)

pick() {
	local -n lib_list=$1
	echo "${lib_list[RANDOM % ${#lib_list[@]}]}"
}
nap() {
	sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
}

# One shell's life: now and then it dies with the lock in its hand.
live() {
	RANDOM=$1
	while :; do
		exec 9<>"$L/$(pick names)@$(pick options)" || continue
		case $((RANDOM % 8)) in
		0) [ $((RANDOM % 3)) -gt 0 ] || kill -KILL $BASHPID ;;
		1) sleep 0.08 ;;
		2) echo 'renew 50ms' >&9 ;;
		3) rm "$L/$(jq -r '"\(.name)@token=\(.token)"' <&9)" ;;
		*) nap ;;
		esac
		exec 9>&-
	done
}

storm() {
	local end shells i n
	end=$(($(now_ms) + 4000))
	shells=()
	for ((i = 0; $(now_ms) < end; i++)); do
		if [ ${#shells[@]} -lt 24 ]; then
			live $i &
			shells+=($!)
		fi
		n=$((RANDOM % ${#shells[@]}))
		case $((RANDOM % 40)) in
		[0-3]) kill -STOP "${shells[n]}" ;;
		[4-9] | 1?) kill -CONT "${shells[@]}" ;;
		2[0-2]) kill -KILL "${shells[n]}" ;;
		2[3-4]) echo 60ms >"$M/freezes/$(pick names)" ;;
		25) rm "$M/freezes/$(pick names)" ;;
		26) : >"$M/freezes/@all" ;;
		27) cat "$M/status.json" "$M/metrics" "$L/a@try" ;;
		*) nap ;;
		esac
		gone "${shells[n]}" && unset "shells[$n]" && shells=("${shells[@]}")
	done
	kill -KILL "${shells[@]}"
	wait
}

# Long enough, on a busy machine, for everything to have happened.
for _ in 1 2 3 4 5; do
	(storm) >/dev/null 2>&1
	missing=
	for kind in .event:release .event:auto-prune .event:renew .reason:timeout .reason:frozen; do
		happened "${kind%:*} == \"${kind#*:}\"" || missing+=" $kind"
	done
	[ "$missing" ] || break
done

# What is left of the shells' own children ends soon.
free() {
	[ "$(jq -c '[.locks, .freezes, .totals.waiters]' "$M/status.json")" = '[[],[],0]' ]
}
wait_until 8 free || fail "left: $(cat "$M/status.json")"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
jq -n -r '
	def told: "\(.seq) \(.event) \(.name)";
	reduce inputs as $e ({held: {}, frozen: {}, bad: [], token: 0};
		if $e.event == "acquire" then
			(if .held[$e.name] then .bad += ["held already: \($e | told)"] else . end)
			| (if .frozen[$e.name] or .frozen["@all"] then .bad += ["frozen: \($e | told)"] else . end)
			| (if $e.token <= .token then .bad += ["token: \($e | told)"] else . end)
			| .token = $e.token | .held[$e.name] = $e.token | .n += 1
		elif ["release", "auto-prune", "stale-break", "force-break"] | index($e.event) then
			(if .held[$e.name] != $e.token then .bad += ["not held: \($e | told)"] else . end)
			| .held[$e.name] = null | .kinds[$e.event] += 1
		elif $e.event == "renew" then
			(if .held[$e.name] != $e.token then .bad += ["not held: \($e | told)"] else . end)
			| .kinds.renew += 1
		elif $e.event == "freeze" then .frozen[$e.name] = true
		elif $e.event == "thaw" or $e.event == "unfreeze" then .frozen[$e.name] = null
		elif $e.event == "deny" then .kinds[$e.reason] += 1
		else . end)
	| .bad[], "\(.n) grants, \(.kinds)"' "$T/log" >"$T/judged"
same "what did not happen: this storm is too mild" "" "$missing"
tail -n 1 "$T/judged"
same "what the judge found" "" "$(sed '$d' "$T/judged" | head -n 5)"
