#!/usr/bin/env bash
# All of Lokt has died, and a hold that the next start has seen in a process moves: it is kept wherever it goes.
#
# "until none has, its TTL passes, or somebody breaks it"
. "$(dirname "$0")/lib.sh" || exit 1
flights exclusive
. "${lib_self%/*}/orphans-lib.sh" || exit 1

need python3
lokt_start
declare -A keeper=()
for how in later wander; do
	mkfifo "$T/$how.go"
	python3 "${lib_self%/*}/keep.py" $how "$L/$how" >"$T/$how" 2>&1 <>"$T/$how.go" &
	keeper[$how]=$!
	wait_until 5 grep -q has "$T/$how" || fail "$how: $(cat "$T/$how")"
done
exec 5<>"$L/other" # something of the old mount is open all the time
again kill
for how in later wander; do
	kept $how "${keeper[$how]}"
done

# over NAME: once its keeper is gone, so is the hold.
over() {
	queue next "$1"
	die KILL "${keeper[$1]}"
	granted "$next"
	let_go "$next"
}

# A mapping alone is seen with nobody.
echo go >"$T/later.go"
wait_until 10 eval '[ "$(status later .holder.kept_by)" = null ]' || fail "its keeper is seen"
check "the log says so" happened '.event == "recover" and .name == "later" and
	(.detail // "" | test("it is open still"))'
expect 'open EAGAIN' "open:rw:$L/later@try"
over later

# Neither is, at times, what is passed on and on: through some looks, of which there is one a second.
echo go >"$T/wander.go"
for ((i = 0; i < 40; i++)); do
	expect 'open EAGAIN' "open:rw:$L/wander@try"
	sleep 0.1
done
over wander
