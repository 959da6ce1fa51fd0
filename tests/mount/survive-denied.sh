#!/usr/bin/env bash
# The server dies once a denial is in its log and before it is answered. Meanwhile what was in the way ends:
# who was denied is denied, and by nobody is it said twice. See dying.c, and the rules in fs/revival.h.
#
# "`ETIMEDOUT`: waited `timeout`", "`EAGAIN`: `try` or `O_NONBLOCK`, and it would have to wait", "Append, then
# answer"
. "$(dirname "$0")/lib.sh" || exit 1

with_library dying

# denied NAME REASON WHO: he was, once, and got nothing.
denied() {
	same "$1: in the log" "deny $2" \
		"$(events ".name == \"$1\" and .pid == $3" | jq -r '"\(.event) \(.reason)"' | paste -sd ';')"
}
# in_kernel PID: it has asked, and is not answered.
in_kernel() {
	wait_until 2 grep -q request_wait_answer "/proc/$1/wchan" || sleep 0.2
}

dying x b 0
lokt_start
supervisor=$(jq .daemon.supervisor_pid "$M/status.json")

# A wait is over, and its holder closes while there is no server: the time-out was said first.
exec 9<>"$L/timed"
queue late timed@timeout=1s
queue next timed
kill -STOP "$supervisor"
dying a a 1
wait_until 5 lib_dead "$D" || fail "it lives"
exec 9>&-
kill -CONT "$supervisor"
# shellcheck disable=SC2154 # queue sets them
refused "$late" ETIMEDOUT
# shellcheck disable=SC2154
granted "$next"
denied timed timeout "$late"
let_go "$next"
lokt_started

# What is denied at once, and the end of what was in the way, in the same batch.
# at_once NAME REASON ERRNO SPEC END: END is done right after SPEC is asked for.
at_once() {
	local who
	stat "$L/$4" >"$T/stat" # so that the kernel knows it, and asks no more than this
	kill -STOP "$D"
	"$TRY" "open:rw:$L/$4" >"$T/$1" 2>&1 9>&- &
	who=$!
	in_kernel $who
	eval "$5"
	dying a a 1
	kill -CONT "$D"
	wait_until 5 lib_dead "$D" || fail "$1: it lives"
	wait $who
	same "$1: what he is told" "open $3" "$(cut -d' ' -f1,2 "$T/$1")"
	lokt_started
	denied "$1" "$2" $who
	wait_until 5 state_is "$1" free || fail "$1: it is not over"
}
exec 9<>"$L/tried"
at_once tried held EAGAIN tried@try 'exec 9>&-'
echo 1h >"$M/freezes/frozen"
at_once frozen frozen EBUSY frozen 'rm "$M/freezes/frozen" & sleep 0.1'

cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
lokt_stop
