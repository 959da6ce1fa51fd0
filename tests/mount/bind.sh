#!/usr/bin/env bash
# A hold that is bound to the process that opened it.
#
# "`bind=pid`: the hold ends when the opening process dies, even if a child still has the
# descriptor; … `bind=fd`"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# ends NAME: how the holds of NAME ended, says the log.
ends() {
	events '.name == $n and (.event == "auto-prune" or .event == "release")' --arg n "$1" |
		jq -r '[.event, .reason // "", .signal // "", .pid] | join(" ")'
}
ended() {
	[ -n "$(ends "$1")" ]
}
runs() {
	kill -0 "$1" 2>/dev/null
}

mkfifo "$T/go"

# The opener dies, its child has the descriptor and lives: the next one is granted.
bash -c 'exec 9<>"$1"
	{ read -r _ <"$2/go"; cat <&9; echo renew >&9 || echo refused; sleep 60; } >"$2/child" 2>&1 &
	echo $! >"$2/pid"; read -r _' bash "$L/x@bind=pid" "$T" < <(sleep 60) &
opener=$!
wait_until 5 test -s "$T/pid" || fail "the opener does not begin"
child=$(<"$T/pid")
same "held by the opener" $opener "$(status x .holder.pid)"
queue next x
die KILL $opener 2>/dev/null
granted "$next"
check "the child runs" runs "$child"
same "and has the descriptor" "/locks/x@bind=pid" \
	"$(readlink "/proc/$child/fd/9" | sed 's|.*\(/locks/\)|\1|')"
same "how it ended" "auto-prune killed 9 $opener" "$(ends x)"
# What the child has is a lost hold; its end is nobody's.
echo go >"$T/go"
wait_until 5 grep -q refused "$T/child" || fail "the child writes: $(cat "$T/child")"
same "the child reads" lost "$(head -n 1 "$T/child" | jq -r .state)"
grep -qi stale "$T/child" || fail "the child's error: $(cat "$T/child")"
kill -KILL "$child"
same "the next holds on" "$next" "$(status x .holder.pid)"
let_go "$next"
same "and only then it is free" 2 "$(ends x | wc -l)"

# An opener that exits in order, likewise.
child=$(bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!' bash "$L/y@bind=pid")
wait_until 5 state_is y free || fail "held though its opener has exited"
check "the child runs" runs "$child"
[[ $(ends y) = 'auto-prune exited '* ]] || fail "how it ended: $(ends y)"
kill -KILL "$child"

# As long as the opener lives, it is the last descriptor that counts.
bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!; exec 9>&-; read -r _' bash \
	"$L/z@bind=pid" < <(sleep 60) >"$T/copy" &
opener=$!
wait_until 5 test -s "$T/copy" || fail "the opener does not begin"
sleep 0.2
check "the child keeps it" state_is z held
kill -KILL "$(<"$T/copy")"
wait_until 5 ended z || fail "the last descriptor is closed, and it is held"
check "free" state_is z free
check "while the opener lives" runs $opener
die KILL $opener

# The process, not the thread that opened, and not the program.
"$TRY" "open:rw+thread:$L/t@bind=pid" pause read close >"$T/thread" &
holder=$!
wait_until 5 grep -q '^open OK' "$T/thread" || fail "the thread does not get it"
sleep 0.3
check "held though the thread has ended" state_is t held
kill -USR1 $holder
wait $holder || fail "the holder: $(cat "$T/thread")"
grep -q '"state":"held"' "$T/thread" || fail "lost with the thread: $(cat "$T/thread")"
bash -c 'exec 9>"$1"; exec sleep 60' bash "$L/t@bind=pid" &
holder=$!
wait_until 5 state_is t held || fail "not held"
sleep 0.3
check "held by another program of the same process" state_is t held
die KILL $holder
wait_until 5 state_is t free || fail "held though its process died"

# Without it the child keeps the hold; fd is the default, by name.
child=$(bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!' bash "$L/f@bind=fd")
sleep 0.3
check "held by the child" state_is f held
kill -KILL "$child"
wait_until 5 state_is f free || fail "held by nobody"

# With a TTL, and shared: the other holders stay.
hold other g@shared
child=$(bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!' bash "$L/g@shared,bind=pid,ttl=1h")
wait_until 5 ended g || fail "held though its opener has exited"
same "the other holds on" "$other" "$(status g '[.holders[].pid] | join(" ")')"
kill -KILL "$child"
let_go "$other"

for bad in bind bind= bind=PID bind=tid bind=pid,bind=pid bind=fd,bind=pid; do
	expect 'open EINVAL' "open:rw:$L/x@$bad"
done
