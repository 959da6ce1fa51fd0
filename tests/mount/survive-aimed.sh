#!/usr/bin/env bash
# The server stands still, requests arrive, and it dies: all of them are sent again, to the next one.
#
# "First come, first served", "`EINTR`: The same thread opening the same spec again within 1 s resumes its
# place and its original `timeout`; meanwhile it is passed over, never waited for", "`rm` releases"
. "$(dirname "$0")/lib.sh" || exit 1

# stop: from here on, nobody is answered.
stop() {
	kill -STOP "$D"
}
# try NAME STEP…: lokt-try in the background; what it prints stands in $T/NAME.
try() {
	"$TRY" "${@:2}" >"$T/$1" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	pids[$1]=$!
	disown 2>/dev/null # it may be over
}
# do_later NAME COMMAND: a command in the background; its exit code goes to $T/NAME.
do_later() {
	(
		eval "$2" >"$T/$1.out" 2>&1
		echo "code $?" >"$T/$1"
	) 9>&- 8>&- 7>&- &
	pids[$1]=$!
	disown 2>/dev/null # it may be over
}
# came NAME PATTERN: there is such a line.
came() {
	wait_until 10 grep -q "$2" "$T/$1" || fail "$1: no '$2' but: $(cat "$T/$1" "$T/$1.out" 2>/dev/null)"
}
# in_kernel NAME: it has asked, and is not answered; it is in the same call as w1, which waits.
in_kernel() {
	local call
	call=$(cut -d' ' -f1 "/proc/${pids[w1]}/syscall")
	wait_until 5 grep -q "^${call:-no such file} " "/proc/${pids[$1]}/syscall" ||
		wait_until 5 grep -qE '^State:.(D|S)' "/proc/${pids[$1]}/status"
	sleep 0.05
}
order() {
	status "$1" -c '[.waiters[].pid]'
}
declare -A pids=()

lokt_start
# 24 waiters, in order; 12 of them in the queue, 12 on their way while the server stands still.
exec 9<>"$L/x"
wanted=
for ((i = 1; i <= 24; i++)); do
	[ $i != 13 ] || stop
	try "w$i" "open:rw:$L/x" pause close
	wanted+=${wanted:+,}${pids[w$i]}
	if ((i < 13)); then
		wait_until 5 lib_waits "${pids[w$i]}" x || fail "$i does not wait"
	else
		in_kernel "w$i"
	fi
done
lokt_die
wait_until 5 eval '[ "$(status x ".waiters | length")" = 24 ]' || fail "they do not all wait: $(order x)"
same "the order of arrival" "[$wanted]" "$(order x)"
lokt_die
same "once more" "[$wanted]" "$(order x)"

# Killed while there is no server, stopped and interrupted: one is gone, the others keep their places.
stop
kill -KILL "${pids[w2]}"
kill -TERM "${pids[w4]}"
lokt_die
wait_until 5 eval '[ "$(status x ".waiters | length")" = 22 ]' || fail "the dead wait: $(order x)"
wanted=${wanted/,${pids[w2]},/,}
wanted=${wanted/,${pids[w4]},/,}
same "without those" "[$wanted]" "$(order x)"
for ((i = 1; i <= 24; i++)); do
	kill -KILL "${pids[w$i]}" 2>/dev/null
done
wait_until 5 eval '[ "$(order x)" = "[]" ]' || fail "the dead wait: $(order x)"
# Interrupted by a signal that it catches, it asks again, while the server is another: its place is its own.
try first catch "open:rw+retry:$L/x@timeout=1h" pause close
wait_until 5 lib_waits "${pids[first]}" x || fail "first does not wait"
try second "open:rw:$L/x" pause close
wait_until 5 lib_waits "${pids[second]}" x || fail "second does not wait"
for ((i = 0; i < 4; i++)); do
	kill -INT "${pids[first]}"
	lokt_die
	wait_until 5 lib_waits "${pids[first]}" x || fail "first does not wait any more"
done
same "it keeps its place" "[${pids[first]},${pids[second]}]" "$(order x)"
exec 9>&-
came first '^open OK'
[ ! -s "$T/second" ] || fail "both have it: $(cat "$T/second")"
kill -USR1 "${pids[first]}"
came second '^open OK'
kill -USR1 "${pids[second]}"

# Each kind of request, on its way when the server dies.
exec 8<>"$L/held" 7<>"$L/closing"
echo 1h >"$M/freezes/thaws"
echo 1h >"$M/leases/ends"
echo 1h >"$M/leases/renewed"
"$TRY" "open:rw:$L/tied@bind=pid" pause >/dev/null 7>&- 8>&- &
tied=$!
disown 2>/dev/null # it may be over
wait_until 5 state_is tied held || fail "tied is not held"
"$TRY" "open:rw:$L/dead" pause >/dev/null 7>&- 8>&- &
dead=$!
disown 2>/dev/null # it may be over
wait_until 5 state_is dead held || fail "dead is not held"
broken=$(status closing .holder.token)
token=$(status held .holder.token)
head -c 10 "$M/status.json" >/dev/null
stop
try granted "open:rw:$L/free" read pause close
try denied "open:rw:$L/held@try"
try waits "open:rw:$L/closing" pause close
try timed "open:rw:$L/held@timeout=100ms"
try read "open:rd:$M/status/held.json" read:40 close
try looks "stat:$L/held" "stat:$M/status.json"
do_later freeze 'echo 1h >"$M/freezes/new"'
do_later lease 'echo 1h >"$M/leases/taken"'
do_later thaw 'rm "$M/freezes/thaws"'
do_later end 'rm "$M/leases/ends"'
do_later renew 'echo 2h >>"$M/leases/renewed"'
do_later list 'ls "$L"'
do_later command 'echo "held 1h" >"$M/renew"'
do_later write 'echo "renew 1h" >&8'
do_later rm 'rm "$L/closing"'
kill -KILL $tied $dead
exec 7>&-
sleep 0.2
lokt_die
came granted '^open OK'
came granted '^read.*"state":"held"'
came denied '^open EAGAIN'
came waits '^open OK'
came timed '^open ETIMEDOUT'
came read '^read 40'
came looks '^stat OK'
for name in freeze lease thaw end renew list; do
	came $name '^code 0'
done
came write '^code'
came command '^code'
same "the closed one is over" "${pids[waits]}" "$(status closing '.holder.pid')"
[ "$(status closing .holder.token)" -gt "$broken" ] || fail "the same grant twice"
same "held" "$token" "$(status held .holder.token)"
for name in tied dead; do
	wait_until 5 state_is $name free || fail "$name outlives its process"
done
same "frozen" "new" "$(ls "$M/freezes" | paste -sd ' ')"
same "leased" "renewed taken" "$(ls "$M/leases" | paste -sd ' ')"
same "renewed" 7200000 "$(status renewed .holder.ttl_ms)"
kill -USR1 "${pids[granted]}" "${pids[waits]}"
wait_until 5 state_is closing free || fail "closing is held"

# A text that is half read is over; what is read whole, or anew, is not.
for ((i = 0; i < 60; i++)); do
	exec {fd}<>"$L/name-$i" || fail "no name-$i" # they stay open
	: "$fd"
done
exec 6<"$M/status.json" 5<"$M/metrics" 4<"$M/status.json"
dd bs=100 count=1 <&6 >/dev/null 2>&1
cat <&4 >/dev/null
lokt_die
same "half a text" "dd: error reading 'standard input': Stale file handle" \
	"$(dd bs=100 count=1 2>&1 >/dev/null <&6 | head -n 1)"
check "one that was not begun" grep -q lokt_ <&5
same "the end of one" "" "$(cat <&4)"
check "a fresh one" jq -e .daemon.restarts "$M/status.json"
same "a directory" 60 "$(ls "$L" | grep -c name-)"

cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "each token once" jq -s -e '[.[] | select(.event == "acquire") | .token]
	| . == (sort | unique)' "$T/log"
