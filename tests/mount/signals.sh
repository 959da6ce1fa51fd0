#!/usr/bin/env bash
# A waiter that is interrupted.
#
# "`EINTR`: interrupted: a signal, but also a stop, a tracer or a freezer", "The same thread opening
# the same spec again within 1 s resumes its place and its original `timeout`; meanwhile it is
# passed over, never waited for; `cancelled` is logged only after that"
. "$(dirname "$0")/lib.sh" || exit 1

cancelled='.event == "deny" and .reason == "cancelled" and .name == $n'

# The time of an event as milliseconds since 1970.
ms_of() {
	date -d "$1" +%s%3N
}

waiting() {
	status "$1" '[.waiters[].pid] | join(" ")'
}

# passed NAME PID: the process is not in the queue of NAME, for now or for good.
passed() {
	! lib_waits "$2" "$1"
}

# What a second of grace is for is tried again where a busy machine took more of it. `begin` is the time of the
# stop; in_time: most of the second was left; too_late PID…: ends these and what they hold.
in_time() {
	[ $(($(now_ms) - begin)) -lt 900 ]
}
too_late() {
	kill -KILL "$@"
	wait "$@" 2>/dev/null
	return 1
}
# tried COMMAND…: until it was in time.
tried() {
	"$@" || "$@" || "$@" || "$@" || echo "note: $1: too busy to be back within the second"
}

lokt_start

# Signals that the program handles: EINTR, at once.
hold holder x
for signal in INT TERM; do
	"$TRY" catch "open:rw:$L/x" >"$T/$signal" &
	pid=$!
	wait_until 5 lib_waits $pid x || fail "does not wait"
	kill -$signal $pid
	wait_until 5 grep -q '^open EINTR' "$T/$signal" || fail "SIG$signal: $(cat "$T/$signal")"
	wait $pid
done
let_go "$holder"

# Signals that kill: the process is gone, the queue moves on, and it is told after a second.
hold holder k
for signal in TERM KILL; do
	queue pid k
	queue next k
	begin=$(now_ms)
	die $signal "$pid"
	let_go "$holder"
	granted "$next"
	holder=$next
	wait_until 5 happened "$cancelled and .pid == \$p" --arg n k --argjson p "$pid" ||
		fail "no denial for the one who died"
	ts=$(events "$cancelled and .pid == \$p" --arg n k --argjson p "$pid" | jq -r .ts)
	[ $(($(ms_of "$ts") - begin)) -ge 1000 ] || fail "cancelled is logged before the second of grace is over"
done
let_go "$holder"

# in_turn NAME HOLDER FIRST SECOND: they wait in this order, and are served in it.
in_turn() {
	same "its place is the old one" "$3 $4" "$(waiting "$1")"
	let_go "$2"
	granted "$3"
	same "the second has not overtaken it" "" "$(said "$4")"
	let_go "$3"
	granted "$4"
	let_go "$4"
}

# Stopped and continued: the place in the queue stays.
stopped() {
	local holder first second
	hold holder s
	queue first s rw+retry
	queue second s rw+retry
	begin=$(now_ms)
	kill -STOP "$first"
	wait_until 5 passed s "$first" || fail "a stopped waiter is waited for"
	sleep 0.2
	kill -CONT "$first"
	wait_until 5 lib_waits "$first" s || fail "the stopped waiter did not come back"
	in_time || too_late "$holder" "$first" "$second" || return
	in_turn s "$holder" "$first" "$second"
}
tried stopped

# A group keeps its place in every queue.
stopped_group() {
	local holder first second third
	hold holder u
	queue first s+u rw+retry
	queue second s
	queue third u
	begin=$(now_ms)
	kill -STOP "$first"
	wait_until 5 passed s "$first" || fail "a stopped group is waited for"
	granted "$second"
	kill -CONT "$first"
	wait_until 5 lib_waits "$first" u || fail "the stopped group did not come back"
	in_time || too_late "$holder" "$first" "$second" "$third" || return
	same "its place is the old one" "$first / $first $third" "$(waiting s) / $(waiting u)"
	let_go "$second" "$holder"
	granted "$first"
	let_go "$first"
	granted "$third"
	let_go "$third"
}
tried stopped_group

# Frozen by a control group (as `docker pause` does), and traced: the place stays too.
# freezer_is FILE WORD: this is in the file.
freezer_is() {
	grep -qx "$2" "$1"
}
# frozen_and_thawed GROUP FILE FROZEN THAWED STATE LINE: a waiter is frozen and thawed by these words in
# FILE; it is frozen when LINE is in STATE.
frozen_and_thawed() {
	local group=$1 holder first second
	hold holder g
	queue first g rw+retry
	queue second g rw+retry
	begin=$(now_ms)
	echo "$first" >"$group/cgroup.procs" && echo "$3" >"$group/$2" || fail "cannot freeze"
	wait_until 5 freezer_is "$group/$5" "$6" || fail "the freezer does not freeze"
	echo "$4" >"$group/$2"
	wait_until 5 lib_waits "$first" g || fail "the frozen waiter did not come back"
	in_time || too_late "$holder" "$first" "$second" || return
	in_turn g "$holder" "$first" "$second"
}
freezers=0
for root in /sys/fs/cgroup/freezer /sys/fs/cgroup /sys/fs/cgroup/unified; do
	group=$root/lokt-test.$$
	mkdir "$group" 2>/dev/null || continue
	freezers=$((freezers + 1))
	if [ -e "$group/freezer.state" ]; then
		tried frozen_and_thawed "$group" freezer.state FROZEN THAWED freezer.state FROZEN
	elif [ -e "$group/cgroup.freeze" ]; then
		tried frozen_and_thawed "$group" cgroup.freeze 1 0 cgroup.events 'frozen 1'
	else
		freezers=$((freezers - 1))
	fi
	wait_until 5 rmdir "$group" || fail "the control group stays"
done
[ $freezers -gt 0 ] || echo "note: no freezer here"
if command -v strace >/dev/null; then
	hold holder r
	queue first r rw+retry
	queue second r rw+retry
	strace -o "$T/strace" -p "$first" 2>/dev/null &
	tracer=$!
	wait_until 5 test -s "$T/strace" || echo "note: no tracing here"
	die INT $tracer
	wait_until 5 lib_waits "$first" r || fail "the traced waiter did not come back"
	same "its place is the old one" "$first $second" "$(waiting r)"
	let_go "$holder"
	granted "$first"
	let_go "$first"
	granted "$second"
	let_go "$second"
else
	echo "note: no strace here"
fi

# Stopped while the lock becomes free: passed over, and back in front of the third within 1 s.
passed_over() {
	local holder first second third gap
	hold holder p
	queue first p rw+retry
	queue second p rw+retry
	queue third p rw+retry
	begin=$(now_ms)
	kill -STOP "$first"
	wait_until 5 passed p "$first" || fail "a stopped waiter is waited for"
	let_go "$holder"
	granted "$second" # though the first is stopped
	kill -CONT "$first"
	gap=$(events '.name == "p" and (.event == "release" or .event == "acquire")' |
		tail -n 2 | jq -r .ts)
	gap=$(($(ms_of "${gap#*$'\n'}") - $(ms_of "${gap%$'\n'*}")))
	within "ms from the release to the grant that passes somebody over" 0 300 $gap
	wait_until 5 lib_waits "$first" p || fail "the passed over did not come back"
	in_time || too_late "$first" "$second" "$third" || return
	same "back in its place" "$first $third" "$(waiting p)"
	let_go "$second"
	granted "$first"
	same "the third waits" "" "$(said "$third")"
	let_go "$first"
	granted "$third"
	let_go "$third"
}
tried passed_over

# Back after more than a second: a place at the end, and a denial.
hold holder l
queue first l rw+retry
queue second l rw+retry
kill -STOP "$first"
wait_until 5 happened "$cancelled" --arg n l || fail "no denial after the second of grace"
same "it is no more in the queue" "$second" "$(waiting l)"
kill -CONT "$first"
wait_until 5 lib_waits "$first" l || fail "does not queue again"
same "its place is the last" "$second $first" "$(waiting l)"
let_go "$holder"
granted "$second"
let_go "$second"
granted "$first"
let_go "$first"

# A shell whose children end while it waits: bash opens again after each SIGCHLD.
hold holder c
bash -c 'sleep 0.3 & sleep 0.6 & exec 9>"$1" && echo mine; read -r _; exec 9>&-' bash "$L/c" \
	>"$T/shell" < <(sleep 60) &
shell=$!
wait_until 5 lib_waits $shell c || fail "the shell does not wait"
queue second c
sleep 1
wait_until 5 lib_waits $shell c || fail "the shell no longer waits"
same "the shell keeps its place" "$shell $second" "$(waiting c)"
let_go "$holder"
wait_until 5 grep -q mine "$T/shell" || fail "the shell was passed over"
same "the other waits" "" "$(said "$second")"
die KILL $shell
granted "$second"
let_go "$second"
same "nobody was denied here" 0 "$(count "$cancelled" --arg n c)"

# … and its time-out is the original one: 2 s, and not 2 s after the last child's end.
hold holder t
begin=$(now_ms)
bash -c 'sleep 0.9 & sleep 1.9 & exec 9>"$1"' bash "$L/t@timeout=2s" 2>"$T/shell" &&
	fail "the lock was held"
within "the shell's wait in ms" 1990 3850 $(($(now_ms) - begin))
grep -qi 'timed out' "$T/shell" || fail "the shell says: $(cat "$T/shell")"
let_go "$holder"
