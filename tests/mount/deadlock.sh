#!/usr/bin/env bash
# Processes that wait for each other.
#
# "`EDEADLK`: it has waited `-o deadlock_timeout=` (500 ms) and is part of a cycle of waiting processes,
# each single-threaded and each seen (`/proc/PID/fd`) still to have the descriptor it is waited for; or
# the opener itself has a descriptor of the very hold it waits for. Anything unreadable: no `EDEADLK`"
# (for what is unreadable see namespaces.sh)
. "$(dirname "$0")/lib.sh" || exit 1

# chain VAR SPEC SPEC [STEP…]: a process that holds the first, and opens the second when it is told
# by `goes`; then it does the other steps.
chain() {
	local -n lib_var=$1
	lib_count=$((lib_count + 1))
	"$TRY" "open:rw:$L/$2" pause "open:rw:$L/$3" "${@:4}" >"$T/out.$lib_count" 2>&1 &
	lib_var=$!
	lib_out[$lib_var]=$T/out.$lib_count
	lib_granted "${!1}"
}
# goes PID NAME: it opens its second, and waits there.
goes() {
	kill -USR1 "$1"
	wait_until 5 lib_waits "$1" "$2" || fail "it does not wait for $2: $(said "$1")"
}
# ends PID RESULT: what came of its second open.
ends() {
	wait_until 10 gone "$1" || fail "it waits for ever: $(said "$1"), $(jq -c .locks "$M/status.json")"
	wait "$1" 2>/dev/null
	same "what came of its second open" "$2" "$(said "$1" | sed -n '2s/^open \([A-Z]*\).*/\1/p')"
}
# waits_on PID NAME: it has waited for many times the limit, and still does.
waits_on() {
	sleep 0.4
	lib_waits "$1" "$2" || fail "a false alarm: $(said "$1")"
}
# How many were told so; of one name within a second, one line counts the others.
deadlocks() {
	jq -s '[.[] | select(.reason == "deadlock") | .count // 1] | add // 0' "$M/audit.jsonl"
}

lokt_start deadlock_timeout=100ms

# Two; the one who comes last is told, and the other goes on.
chain one a b
chain two b a
goes $one b
kill -USR1 "$two"
ends "$two" EDEADLK
ends "$one" OK
check "the log tells the cycle" jq -se --argjson one "$one" --argjson two "$two" '
	[.[] | select(.event == "deny" and .reason == "deadlock")]
	| length == 1 and (.[0] | .pid == $two and .name == "a" and (.cycle
		| sort_by(.pid) == ([{pid: $one, name: "b"}, {pid: $two, name: "a"}] | sort_by(.pid))))' \
	"$M/audit.jsonl"

# Three, and a bystander on each name who is in no cycle.
chain one x y
chain two y z
chain three z x
queue stander x
goes "$one" y
goes "$two" z
kill -USR1 "$three"
ends "$three" EDEADLK
ends "$two" OK
ends "$one" OK
granted "$stander"
let_go "$stander"
same "a cycle of three" 3 "$(events '.reason == "deadlock"' | tail -n 1 | jq '.cycle | length')"

# Groups and shared holds have part in it.
chain one a b+c
chain two c@shared a
goes "$one" b
kill -USR1 "$two"
ends "$two" EDEADLK
ends "$one" OK
chain one a@shared b
chain two b a
goes "$one" b
kill -USR1 "$two"
ends "$two" EDEADLK
ends "$one" OK

# Shells.
bash -c 'exec 8>"$1/a"; echo held >"$2/one"; read -r _; exec 9>"$1/b"' bash "$L" "$T" \
	< <(wait_until 20 test -e "$T/go") 2>"$T/one.said" &
one=$!
bash -c 'exec 8>"$1/b"; echo held >"$2/two"; read -r _; exec 9>"$1/a"' bash "$L" "$T" \
	< <(wait_until 20 test -e "$T/go") 2>"$T/two.said" &
two=$!
wait_until 5 eval '[ -e "$T/one" ] && [ -e "$T/two" ]' || fail "the shells do not begin"
: >"$T/go"
for pid in $one $two; do
	wait_until 10 gone "$pid" || fail "a shell waits for ever"
done
wait $one
first=$?
wait $two
same "one of two shells is told" 1 $((!first + !$?))
same "in these words" 1 "$(grep -ci 'deadlock' "$T/one.said" "$T/two.said" | grep -c ':1')"

# Oneself: by the same process, a copy of the descriptor, a child that inherited it.
expect 'open EDEADLK' "open:rw:$L/a" "open:rw:$L/a"
expect 'open EDEADLK' "open:rw:$L/a" "open:rw:$L/a+b"
expect 'open EDEADLK' "open:rw:$L/a+b@shared" "open:rw:$L/b"
out=$(bash -c 'exec 9>"$1"; exec 8>&9 9>&-; : 7>"$1"' bash "$L/a" 2>&1)
[[ $out = *[Dd]eadlock* ]] || fail "a copy: $out"
out=$(bash -c 'exec 9>"$1"; (: 8>"$1"); :' bash "$L/a" 2>&1)
[[ $out = *[Dd]eadlock* ]] || fail "a child: $out"
same "not when it need not wait" "OK OK" "$("$TRY" "open:rw:$L/a@shared" "open:rw:$L/a@shared" |
	cut -d' ' -f2 | paste -sd ' ')"
expect 'open EAGAIN' "open:rw:$L/a" "open:rw:$L/a@try"
same "all are free" "" "$(ls -A "$L")"
alarms=10 # of all above

# ---- no false alarm ----

# Many who wait, and no cycle.
chain one a b
chain two b c
hold holder c
goes "$one" b
goes "$two" c
for i in 1 2 3; do
	queue "w$i" a
done
waits_on "$two" c
same "all wait on" "$one" "$(status b '[.waiters[].pid] | join(" ")')"
let_go "$holder"
ends "$two" OK
ends "$one" OK
# shellcheck disable=SC2154 # queue sets these
for pid in "$w1" "$w2" "$w3"; do
	granted "$pid"
	let_go "$pid"
done

# A second thread, which could close what the first waits with: neither in a cycle …
"$TRY" "open:rw:$L/a" pause "open:rw+later:$L/b" pause close join >"$T/threads" &
one=$!
wait_until 5 grep -q '^open OK' "$T/threads" || fail "not granted"
chain two b a
goes $one b
goes "$two" a
waits_on "$two" a
kill -USR1 $one # its first thread closes its a: what was no deadlock dissolves
ends "$two" OK
wait_until 5 gone $one || fail "it waits for ever: $(cat "$T/threads")"
same "with threads" "open OK close OK open OK" "$(cut -d' ' -f1,2 "$T/threads" | paste -sd ' ')"
# … nor alone.
same "one thread waits for another's" "open OK close OK open OK" "$("$TRY" "open:rw:$L/a" \
	"open:rw+later:$L/a" sleep:600 close join | cut -d' ' -f1,2 | paste -sd ' ')"

# The opener has closed what a child of it still has: the child may close it at any time.
mkfifo "$T/fifo"
chain two b a
bash -c 'exec 8>"$1/a"; { echo >"$2/child"; read -r _ <"$2/fifo"; } & exec 8>&-
	exec 9>"$1/b"; echo got >"$2/got"; wait' bash "$L" "$T" &
one=$!
wait_until 5 test -e "$T/child" || fail "there is no child"
wait_until 5 lib_waits $one b || fail "the shell does not wait"
goes "$two" a
waits_on "$two" a
echo >"$T/fifo"
ends "$two" OK
wait_until 5 test -e "$T/got" || fail "the shell is not granted"
wait $one

# Handed on, by a socket to another process; while it is under way nobody has it.
cat >"$T/hand.py" <<'END'
import os, socket, sys, time
locks, where = sys.argv[1:]
ours, theirs = socket.socketpair()
a = os.open(locks + "/a", os.O_RDWR)
socket.send_fds(ours, [b"a"], [a])
os.close(a)
if os.fork() == 0:
    while not os.path.exists(where + "/hand.go"):
        time.sleep(0.02)
    fds = socket.recv_fds(theirs, 1, 1)[1]
    time.sleep(0.3)
    os._exit(0)
ours.close()
theirs.close()
os.open(locks + "/b", os.O_RDWR)
END
exec 9<"$LOKT_BUILD"
flock 9 # see lib.sh, flights
chain two b a
python3 "$T/hand.py" "$L" "$T" &
one=$!
wait_until 10 lib_waits $one b || fail "the one who hands it on does not wait"
goes "$two" a
waits_on "$two" a
: >"$T/hand.go"
ends "$two" OK
wait_until 5 gone $one || fail "it waits for ever"
wait $one || fail "the one who handed it on was refused"
exec 9<&-

# A hold that is lost is no hold, though its descriptor is there.
# (also when who holds now has asked for it by the very same words)
"$TRY" "open:rw:$L/a@ttl=1h" 'write:renew 200ms' pause "open:rw:$L/a" >"$T/lost" &
one=$!
wait_until 5 happened '.event == "stale-break" and .name == "a"' || fail "its TTL does not pass"
"$TRY" "open:rw:$L/a@ttl=1h" pause >"$T/finds" &
holder=$!
wait_until 5 grep -q '^open OK' "$T/finds" || fail "not held: $(cat "$T/finds")"
goes $one a
waits_on $one a
kill -USR1 $holder
wait $holder
wait_until 5 gone $one || fail "it waits for ever"
same "granted again" 2 "$(grep -c '^open OK' "$T/lost")"

# A descriptor that only looks (O_PATH) is no hold, and one of another mount is none of this.
mkdir "$T/m2" "$T/s2"
"$LOKTFS" -o "state=$T/s2" "$T/m2" </dev/null >>"$T/daemon.log" 2>&1 || fail "no second mount"
jq .daemon.pid "$T/m2/status.json" >>"$T/daemons"
same "the number of a file there, the first of both" "$(stat -c %i "$L/a")" \
	"$(stat -c %i "$T/m2/locks/a")"
for other in "path:$L/a" "rw:$T/m2/locks/a"; do
	hold holder a
	chain two b a
	"$TRY" "open:$other" "open:rw:$L/b" >"$T/looks" &
	one=$!
	wait_until 5 lib_waits $one b || fail "it does not wait: $(cat "$T/looks")"
	goes "$two" a
	waits_on $one b
	let_go "$holder"
	ends "$two" OK
	wait_until 5 gone $one || fail "it waits for ever"
	wait $one || fail "who has no hold is called a deadlock: $(cat "$T/looks")"
done
fusermount3 -u "$T/m2" || umount "$T/m2"

# Of two slots one may be given back by somebody who does not wait.
chain one s@slots=2 b
hold other s@slots=2
chain two b s@slots=2
goes "$one" b
goes "$two" s
waits_on "$two" s
let_go "$other"
ends "$two" OK
ends "$one" OK

# A lease is nobody's descriptor.
echo 1h >"$M/leases/a"
"$TRY" "open:rw:$L/b" pause "open:rw:$L/a" >"$T/lease" &
one=$!
wait_until 5 grep -q '^open OK' "$T/lease" || fail "not granted"
goes $one a
queue two b
waits_on $one a
rm "$M/leases/a"
wait_until 5 gone $one || fail "it waits for ever"
granted "$two"
let_go "$two"

# Guards within guards, in one order.
if [ -x "$LOKT" ]; then
	for i in 1 2 3; do
		"$LOKT" --mount "$M" guard a -- "$LOKT" --mount "$M" guard b -- \
			"$LOKT" --mount "$M" guard c -- sleep 0.4 &
		pids[i]=$!
	done
	for i in 1 2 3; do
		wait "${pids[i]}" || fail "a guard within a guard: $?"
	done
fi

# Guards within guards, in two orders: nobody can close what the two wait for.
if [ -x "$LOKT" ]; then
	together='touch "$1"; until [ -e "$2" ]; do sleep 0.02; done; exec "$3" --mount "$4" guard "$5" -- true'
	"$LOKT" --mount "$M" guard a -- bash -c "$together" bash "$T/g1" "$T/g2" "$LOKT" "$M" b \
		>/dev/null 2>&1 &
	one=$!
	"$LOKT" --mount "$M" guard b -- bash -c "$together" bash "$T/g2" "$T/g1" "$LOKT" "$M" a \
		>/dev/null 2>&1 &
	two=$!
	for pid in $one $two; do
		wait_until 10 gone "$pid" || fail "the guards wait for ever: $(jq -c .locks "$M/status.json")"
	done
	wait $one
	first=$?
	wait $two
	same "one of two guards comes through" 1 $((!first + !$?))
	alarms=$((alarms + 1))
fi
# The other is told, and nobody was in what is no deadlock.
all_told() {
	[ "$(deadlocks)" -ge $alarms ]
}
wait_until 10 all_told || fail "of $alarms alarms the log has $(deadlocks)"
sleep 1.2
same "alarms" $alarms "$(deadlocks)"
lokt_stop

# Not before the limit, which is half a second; and never, if none is wanted.
lokt_start
begin=$(now_ms)
expect 'open EDEADLK' "open:rw:$L/a" "open:rw:$L/a"
[ $(($(now_ms) - begin)) -ge 490 ] || fail "told before the default limit"
lokt_stop
lokt_start deadlock_timeout=none
expect 'open ETIMEDOUT' "open:rw:$L/a" "open:rw:$L/a@timeout=700ms"
chain one a b
chain two b a@timeout=900ms
goes "$one" b
kill -USR1 "$two"
ends "$two" ETIMEDOUT
ends "$one" OK
