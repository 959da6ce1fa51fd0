#!/usr/bin/env bash
# poll(2), select(2) and epoll(7) on one's own descriptor of a lock.
#
# "`poll` reports `POLLERR|POLLHUP`.", "While others wait, `poll` on a held descriptor reports
# `POLLPRI`: a polite holder can hand over early."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# polite NAME STEP…: a holder of NAME in the background, in `polite`; what it says is in $T/polite.
polite() {
	: >"$T/polite"
	"$TRY" "open:rw:$L/$1" "${@:2}" >"$T/polite" &
	polite=$!
	wait_until 5 grep -q '^open OK' "$T/polite" || fail "not held: $(cat "$T/polite")"
}
# said_last TEXT: its end, and what it said last but one (the last is its close).
said_last() {
	wait_until 5 gone $polite || fail "it is not told: $(cat "$T/polite")"
	wait $polite
	same "what it was told" "$1" "$(tail -n 2 "$T/polite" | head -n 1)"
}

for way in poll select epoll; do
	# Nobody waits.
	expect "$way none" "open:rw:$L/p" $way:pri:100

	# A sleeper in it is woken when somebody comes to wait.
	polite p $way:pri:20000 close
	sleep 0.2
	take next p
	said_last "$way PRI"
	granted "$next"
	let_go "$next"

	# Who already waits is seen at once.
	polite p pause $way:pri:20000 close
	queue next p
	kill -USR1 $polite
	said_last "$way PRI"
	granted "$next"
	let_go "$next"
done

# Who waited and went away is not waiting any more, and the next one is news.
polite p pause epoll:pri:20000 pause epoll:pri:200 poll:pri:0 epoll:pri:20000 close
queue next p
kill -USR1 $polite
wait_until 5 grep -q '^epoll PRI' "$T/polite" || fail "not told: $(cat "$T/polite")"
die KILL "$next"
nobody_waits() {
	[ "$(status p '.waiters | length')" = 0 ]
}
wait_until 5 nobody_waits || fail "the dead waiter stays"
kill -USR1 $polite
wait_until 5 grep -q '^poll none' "$T/polite" || fail "it waits for nobody: $(cat "$T/polite")"
same "an edge is told once" "epoll PRI epoll none poll none" \
	"$(sed 1d "$T/polite" | paste -sd ' ')"
take next p
said_last "epoll PRI"
granted "$next"
let_go "$next"

# Also of a waiter that is behind another, of one who waits for a shared hold, and of a group.
polite p@shared pause poll:pri:20000 close
hold other p@shared
queue next p
kill -USR1 $polite
said_last "poll PRI"
polite q poll:pri:20000 close
take group p+q
said_last "poll PRI"
let_go "$other"
granted "$next"
let_go "$next"
granted "$group"
let_go "$group"

# The hold is lost: by its TTL, while it sleeps there and before.
for way in poll epoll; do
	begin=$(now_ms)
	expect "$way ERR+HUP" "open:rw:$L/p@ttl=300ms" $way:none:20000
	within "ms until it was told" 299 20000 $(($(now_ms) - begin))
	expect "$way ERR+HUP" "open:rw:$L/p@ttl=100ms" sleep:400 $way:none:20000
done
expect 'select IN' "open:rw:$L/p@ttl=300ms" select:in:20000
expect 'poll none' "open:rw:$L/p@ttl=20s" poll:none:100

# Broken by somebody; with one in the queue who is not there any more for the one who lost it.
for way in poll epoll; do
	polite p $way:none:20000 close
	sleep 0.2
	check "break" rm "$L/p@token=$(status p .holder.token)"
	said_last "$way ERR+HUP"
	check "free" state_is p free
done

# Two who sleep at the same hold are both woken.
exec 9<>"$L/p"
sleepers=()
cat >"$T/sleep.py" <<'END'
import select, sys
p = select.poll()
p.register(9, select.POLLPRI)
print([event for fd, event in p.poll(20000)], flush=True)
END
for i in 1 2; do
	python3 "$T/sleep.py" >"$T/sleeper$i" &
	sleepers+=($!)
done
sleep 0.5
queue next p
for pid in "${sleepers[@]}"; do
	wait_until 8 gone "$pid" || fail "one of two sleepers is not told"
	wait "$pid" || fail "a sleeper fails"
done
same "POLLPRI is 2" "[2] [2]" "$(cat "$T/sleeper1" "$T/sleeper2" | paste -sd ' ')"
exec 9>&-
granted "$next"
let_go "$next"
