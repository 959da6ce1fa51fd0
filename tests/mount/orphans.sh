#!/usr/bin/env bash
# All of Lokt dies while locks are held: whoever works under one keeps it.
#
# "if both die, the next start keeps every hold for which any process still has a descriptor of the old mount …
# until none has, its TTL passes, or somebody breaks it, and says so in `recover` events"
. "$(dirname "$0")/lib.sh" || exit 1
flights exclusive
. "${lib_self%/*}/orphans-lib.sh" || exit 1

# ---- by whatever way it ends ----
lokt_start
for end in kill stop unmount; do
	hold alive "alive.$end"
	child work "work.$end"
	hold dies "dies.$end"
	exec 5<>"$L/closed.$end" 6<>"$L/copied.$end" # this shell lives, and lets go of one
	meanwhile() {
		die KILL "$dies"
		exec 5>&- 5>&6 6>&-
	}
	again $end meanwhile
	kept "alive.$end" "$alive"
	kept "work.$end" "$work"
	kept "copied.$end" $$
	same "$end: who was gone before is gone" "auto-prune unknown|release" \
		"$(ends "dies.$end")|$(ends "closed.$end")"
	same "$end: nobody was served before" 0 "$(jq -s --arg e $end '
		(map(.event == "start") | rindex(true)) as $start | .[$start:] |
		[.[:map(.event == "acquire") | index(true) // length][] | select(.reason == "unknown")] |
		length - 1' "$M/audit.jsonl")"
	queue first "alive.$end"
	queue second "work.$end"
	queue third "copied.$end"
	let_go "$alive"
	kill "$work"
	exec 5>&-
	granted "$first" "$second" "$third"
	# Between its close and its exit `alive` may be seen to run.
	same "$end: how they end" "auto-prune exited|auto-prune unknown|release" \
		"$(ends "alive.$end" | sed 's/^release$/auto-prune exited/')|$(ends "work.$end")|$(ends "copied.$end")"
	let_go "$first" "$second" "$third"
done
same "each hold ended before the next began" true "$(jq -s '[.[] | select(.name and
	(.event | IN("acquire", "release", "auto-prune")))] | group_by(.name) |
	all(map(.event == "acquire") | . == [range(length) | . % 2 == 0])' "$M/audit.jsonl")"

# ---- of whatever kind; in processes of whatever kind ----
need python3
keepers=()
keep() { # HOW: in a process that does
	python3 "${lib_self%/*}/keep.py" "$1" "$L/$1" >"$T/$1" 2>&1 < <(sleep 100) &
	keepers+=($!)
	wait_until 5 grep -q has "$T/$1" || fail "$1: $(cat "$T/$1")"
}
for how in headless thread high; do
	keep $how
done
hold one pool@slots=2
hold two pool@slots=2
hold reader docs@shared
hold other docs@shared rd
hold group both+too
hold bound bound@bind=pid
bash -c 'exec 9<>"$1"; sleep 100 >/dev/null 2>&1 3>&- & echo $!; wait' bash "$L/bind@bind=pid" \
	>"$T/bind" 2>/dev/null &
opener=$!
wait_until 5 test -s "$T/bind" || fail "bind is not granted"
bound_child=$(<"$T/bind")
bash -c 'exec 9<>"$1"; sleep 100 >/dev/null 2>&1 3>&- & exec 9>&-; echo $!; wait' bash "$L/handed@bind=pid" \
	>"$T/handed" 2>/dev/null &
giver=$!
wait_until 5 test -s "$T/handed" || fail "handed is not granted"
hold watched watched
"$TRY" "open:path:$L/watched" pause >"$T/looker" 2>&1 &
looker=$!
wait_until 5 grep -q OK "$T/looker" || fail "no look at watched"
# The opener dies, its child does not: with `bind=pid` that ends the hold, wherever it is noticed.
exec 4<>"$L/mine@bind=pid,ttl=1h"
meanwhile() {
	die KILL "$opener"
	die KILL "$watched"
}
keep flight # last, and not for long: while it is there nothing of this user ends anywhere
again kill meanwhile
same "on its way" "true null" "$(status flight '"\(.holder.orphan) \(.holder.kept_by)"')"
happened '.event == "recover" and .name == "flight" and (.detail | test("may have it"))' ||
	fail "the log does not say that flight may be on its way"
queue flier flight
kill "${keepers[3]}"
granted "$flier"
let_go "$flier"
for how in headless thread high; do
	kept $how "${keepers[0]}"
	keepers=("${keepers[@]:1}")
done
same "slots: both" "$one,$two" "$(status pool '[.holders[].kept_by] | sort | join(",")' |
	sed "s/^$two,$one\$/$one,$two/")"
expect 'open EAGAIN' "open:rw:$L/pool@slots=2,try"
same "shared: both" 2 "$(status docs '[.holders[] | select(.orphan)] | length')"
expect 'open OK' "open:rw:$L/docs@shared,try"
expect 'open EAGAIN' "open:rw:$L/docs@try"
kept too "$group"
kept both "$group"
kept bound "$bound"
wait_until 5 state_is watched free || fail "O_PATH is no hold"
# bind=pid: the opener is gone, or goes, and a child that has it counts for nothing.
wait_until 5 state_is bind free || fail "bound to who is gone"
kept mine $$
refute "still with its child" bash -c 'exec "$TRY" "open:rw:$1@try"' bash "$L/mine"
kept handed "$(<"$T/handed")" # whose opener has closed it, but runs
die KILL "$giver"
wait_until 5 state_is handed free || fail "bound to who went"
kill "$bound_child" "$looker" "$(<"$T/handed")"

# Spec by spec they end, and the next is granted: never two.
queue writer docs
queue pooler pool@slots=2
let_go "$one" "$reader"
let_go "$two"
granted "$pooler"
lib_waits "$writer" docs || fail "a reader still reads"
let_go "$other"
granted "$writer"
let_go "$pooler" "$writer"
exec 4>&-

cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
