#!/usr/bin/env bash
# lokt guard: a command under a lock.
#
# "`guard` gives its command's own code, 128+n by signal", "`guard` retries an interrupted wait,
# renews at a third of the TTL, stops its command when it is stopped itself, and ends it when the
# hold is lost (`--on-lost=kill|term|warn`). Its command inherits the descriptor, so the lock
# outlives `guard` for as long as any descendant works under it; when `guard` is killed its command
# is too", "Exit: … 2 held, frozen or timed out … 64 usage"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M
unset LOKT_OWNER LOKT_AGENT_ID

# code WANTED COMMAND…: the command exits with this code; what it says is in $T/said.
code() {
	local want=$1 got
	shift
	"$@" >"$T/said" 2>&1
	got=$?
	[ "$got" = "$want" ] || fail "wanted exit code $want, got $got: $* said: $(<"$T/said")"
}

# said TEXT: and this is in it.
told() {
	grep -qF -- "$1" "$T/said" || fail "it does not say '$1' but: $(<"$T/said")"
}

# in_state PID LETTER: the process is in this state, as /proc has it.
in_state() {
	[ "$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)" = "$2" ]
}

# guarded FLAG…: a guard of `x` in the background, in `guard`, and its running `command`.
guarded() {
	rm -f "$T/pid"
	"$LOKT" guard x "$@" -- bash -c 'echo $$ >"$1.new"; mv "$1.new" "$1"; exec sleep 100' \
		bash "$T/pid" 2>"$T/said" &
	guard=$!
	wait_until 5 test -e "$T/pid" || fail "the command does not start: $(<"$T/said")"
	command=$(<"$T/pid")
}

# ---- its exit code is the command's ----
for want in 0 1 7 255; do
	code "$want" "$LOKT" guard x -- sh -c "exit $want"
done
code 137 "$LOKT" guard x -- sh -c 'kill -KILL $$'
code 143 "$LOKT" guard x -- sh -c 'kill -TERM $$'
code 127 "$LOKT" guard x -- "$T/nothing-here"
told "command not found"
code 126 "$LOKT" guard x -- "$T"
(trap '' CHLD && code 5 "$LOKT" guard x -- sh -c 'exit 5') || exit 1
same "the arguments" "a b|--ttl|" "$("$LOKT" guard x -- printf '%s|' 'a b' --ttl)"
wait_until 5 state_is x free || fail "it is still held"
same "it gives back, it does not die with it" 0 \
	"$(count '.name == "x" and .event == "auto-prune"')"

# ---- it holds, its command has the descriptor and the token ----
"$LOKT" guard --ttl 30s x -- sh -c 'eval "cat <&$LOKT_FD"; echo "$LOKT_TOKEN"' >"$T/out"
same "the hold, read by the command" "x held 30000 $(tail -n 1 "$T/out")" \
	"$(head -n 1 "$T/out" | jq -r '"\(.name) \(.state) \(.ttl_ms) \(.token)"')"
code 2 "$LOKT" guard x -- "$LOKT" guard --try x -- true
told "x is held by $(id -un) (pid "
code 2 "$LOKT" guard x -- "$LOKT" guard x --timeout 100ms -- true
told "gave up after"
code 0 "$LOKT" freeze y --ttl 1m
code 2 "$LOKT" guard y -- true
told "y is frozen by $(id -un), thaws in "
code 0 "$LOKT" unfreeze y

# ---- under a label ----
owner='jq -r .holder.owner "$LOKT_MOUNT/status/x.json"'
same "the user's" "$(id -un)" "$("$LOKT" guard x -- sh -c "$owner")"
same "the flag's" ada:7 "$(LOKT_OWNER=bob "$LOKT" guard --owner ada:7 x -- sh -c "$owner")"
same "the variable's" bob "$(LOKT_OWNER=bob LOKT_AGENT_ID=eve "$LOKT" guard x -- sh -c "$owner")"
same "the agent's, as a label can be" "eve_1_2__" \
	"$(LOKT_AGENT_ID=$'eve 1\n2\303\244' "$LOKT" guard x -- sh -c "$owner")"
code 64 "$LOKT" guard x --owner 'no label' -- true

# ---- together with others ----
code 0 "$LOKT" guard x --shared -- "$LOKT" guard x --shared --try -- true
code 2 "$LOKT" guard x --shared -- "$LOKT" guard x --try -- true
code 0 "$LOKT" guard x --slots 2 -- "$LOKT" guard x --slots 2 --try -- true
code 2 "$LOKT" guard x --slots 2 -- "$LOKT" guard x --slots 2 -- \
	"$LOKT" guard x --slots 2 --try -- true
told " and 1 more, 2 of 2 slots"
code 2 "$LOKT" guard b+a -- "$LOKT" guard a+c --try -- true
told "a+c: a is held by"
code 0 "$LOKT" guard b+a -- "$LOKT" guard c --try -- true

# ---- usage ----
code 64 "$LOKT" guard
code 64 "$LOKT" guard x
code 64 "$LOKT" guard x true
code 64 "$LOKT" guard -- true
code 64 "$LOKT" guard x --ttl 0 -- true
code 64 "$LOKT" guard x --ttl 5parsecs -- true
code 64 "$LOKT" guard x --on-lost=cry -- true
code 64 "$LOKT" guard x --try --timeout 1s -- true
code 64 "$LOKT" guard 'no name' -- true
told "is not a name"
code 64 "$LOKT" guard $'x\033[2J' -- true
refute "a control byte on the terminal" grep -q $'\033' "$T/said"
code 0 "$LOKT" guard --help
code 1 "$LOKT" guard x --mount "$T" -- true
told "loktfs $T"

# ---- it waits, also over a stop ----
hold holder x
"$LOKT" guard x -- touch "$T/waited" &
guard=$!
wait_until 5 lib_waits $guard x || fail "it does not wait"
kill -STOP $guard
kill -CONT $guard
sleep 0.2
[ ! -e "$T/waited" ] || fail "it did not wait"
wait_until 5 lib_waits $guard x || fail "it waits no longer"
let_go "$holder"
wait $guard
[ -e "$T/waited" ] || fail "the command did not run"

# ---- at a terminal it says for whom it waits, and keeps its place ----
if command -v script >/dev/null; then
	hold holder x@owner=ada
	script -qefc "'$LOKT' guard x --owner first -- echo granted" "$T/screen" >/dev/null </dev/null &
	guard=$!
	wait_until 5 grep -qs '"owner":"first"' "$M/status/x.json" || fail "it does not wait"
	queue second x
	wait_until 10 grep -qs "^lokt: x is held by ada (pid $holder, .*); waiting" "$T/screen" ||
		fail "it does not say that it waits: $(cat "$T/screen")"
	same "the queue" "first $(id -un)" "$(status x '[.waiters[].owner] | join(" ")')"
	let_go "$holder"
	wait $guard
	granted "$second"
	let_go "$second"
	check "the command ran" grep -q granted "$T/screen"
fi

# ---- it waits for a thaw, if that is wanted ----
check "a freeze" "$LOKT" freeze x --ttl 1m
code 2 "$LOKT" guard x --timeout 10s -- true
"$LOKT" guard x --wait -- touch "$T/thawed" &
guard=$!
wait_until 5 lib_waits $guard x || fail "it does not wait for the thaw"
check "lifted" "$LOKT" unfreeze x
wait $guard
[ -e "$T/thawed" ] || fail "the command did not run"
check "a freeze" "$LOKT" freeze x --ttl 1m
code 2 "$LOKT" guard x --wait --timeout 50ms -- true
told "x is frozen by"
check "lifted" "$LOKT" unfreeze x

# ---- signals ----
rm -f "$T/pid"
# (what a shell runs in the background ignores INT and QUIT)
# shellcheck disable=SC2016
env --default-signal=INT,QUIT "$LOKT" guard x -- bash -c '
	for sig in INT HUP QUIT USR1 USR2 WINCH; do
		trap "echo $sig >>$2" $sig
	done
	echo $$ >"$1.new"; mv "$1.new" "$1"
	while :; do sleep 0.02; done' bash "$T/pid" "$T/signals" &
guard=$!
wait_until 5 test -e "$T/pid" || fail "the command does not start"
for sig in INT HUP QUIT USR1 USR2 WINCH; do
	kill -$sig $guard
	wait_until 5 grep -qsx $sig "$T/signals" || fail "$sig does not reach the command"
done
same "each once" "INT HUP QUIT USR1 USR2 WINCH" "$(xargs <"$T/signals")"
rm "$T/signals"
kill -STOP "$D" # also while the daemon does not answer
kill -USR1 $guard
wait_until 5 test -s "$T/signals"
heard=$?
kill -CONT "$D"
same "a signal reaches the command while the daemon stands still" 0 $heard
kill -TERM $guard
wait $guard
same "the command's end" 143 $?

# ---- it renews ----
renewed() {
	[ "$(status x .holder.renewals)" -ge 4 ]
}
guarded --ttl 2400ms
wait_until 20 renewed || fail "not held for longer than its TTL: $(<"$T/said")"
check "a third of the TTL apart" [ "$(status x .holder.age_ms)" -ge 3100 ]
kill -TERM $guard
wait $guard
same "the command's end by the signal that guard got" 143 $?
wait_until 5 gone "$command" || fail "the command still runs"

# ---- the hold is lost ----
guarded --ttl 1h
rm "$L/x@token=$(status x .holder.token)"
wait_until 5 gone "$command" || fail "the command goes on without the lock"
wait $guard
same "killed" 137 $?
told "the hold is lost (broken by $(id -un) (pid "

# A command that keeps starting others leaves none behind.
rm -f "$T/pid"
# shellcheck disable=SC2016
"$LOKT" guard x -- bash -c 'echo $$ >"$1"; while :; do sleep 101 & sleep 0.01; done' \
	bash "$T/pid" 2>"$T/said" &
guard=$!
wait_until 5 pgrep -g 0 -fx 'sleep 101' || fail "the command does not start"
rm "$L/x@token=$(status x .holder.token)"
wait $guard
same "killed" 137 $?
left() {
	pgrep -g 0 -fx 'sleep 101'
}
all_gone() {
	! left
}
wait_until 5 all_gone || fail "something runs on: $(left)"

# Without a TTL nothing is renewed, and it notices all the same.
guarded
rm "$L/x@token=$(status x .holder.token)"
wait_until 5 gone "$command" || fail "the command goes on without the lock"
wait $guard
same "killed" 137 $?

# Not renewed in time, by a guard that does not get to run.
guarded --ttl 1s
kill -STOP $guard
wait_until 5 state_is x free || fail "the TTL does not run"
kill -CONT $guard
wait $guard
same "killed" 137 $?
told "the hold is lost (not renewed within 1 s)"

# With it goes all that the command started; and what was asked for happens.
for how in term warn; do
	rm -f "$T/pid"
	"$LOKT" guard x --ttl 1h --on-lost=$how -- bash -c '
		trap "echo asked; exit 9" TERM
		sleep 100 & echo $! >"$1.new"; mv "$1.new" "$1"
		wait' bash "$T/pid" >"$T/said" 2>&1 &
	guard=$!
	wait_until 5 test -e "$T/pid" || fail "the command does not start"
	rm "$L/x@token=$(status x .holder.token)"
	wait_until 5 grep -q "the hold is lost" "$T/said" || fail "it does not tell"
	if [ $how = term ]; then
		wait $guard
		same "the command's own code" 9 $?
		check "it was asked" grep -q asked "$T/said"
		wait_until 5 gone "$(<"$T/pid")" || fail "what the command started runs on"
	else
		sleep 0.5
		check "it runs on" kill -0 "$(<"$T/pid")"
		kill -TERM $guard
		wait $guard
		kill "$(<"$T/pid")" 2>/dev/null
	fi
done

# ---- stopped and continued ----
guarded --ttl 1h
kill -TSTP $guard
wait_until 5 in_state $guard T || fail "guard does not stop"
check "its command stopped before it" in_state "$command" T
kill -CONT $guard
wait_until 5 in_state "$command" S || fail "the command does not go on"
kill -TERM $guard
wait $guard

# Stopped for longer than its TTL: the lock is another's, and the command does not go on.
guarded --ttl 2s
kill -TSTP $guard
wait_until 5 in_state $guard T || fail "guard does not stop"
wait_until 5 state_is x free || fail "the TTL does not run while guard is stopped"
kill -CONT $guard
wait $guard
same "killed" 137 $?

# ---- guard dies ----
guarded
die KILL $guard 2>/dev/null
wait_until 5 gone "$command" || fail "the command outlived guard"
wait_until 5 state_is x free || fail "the lock outlived both"

# What works on keeps the lock.
"$LOKT" guard x -- bash -c 'sleep 100 >/dev/null & echo $!' >"$T/pid"
check "held by what is left" state_is x held
kill "$(<"$T/pid")"
wait_until 5 state_is x free || fail "still held after the last has ended"

# ---- the daemon dies ----
# Without a TTL the command goes on, since nobody else can be granted the lock while it runs; with
# one, it ends when nobody can say any more that the lock is still its own.
guarded
lokt_kill
wait_until 5 grep -q "x: the mount does not answer for the hold" "$T/said" ||
	fail "it does not notice: $(<"$T/said")"
check "the command goes on" kill -0 "$command"
kill -TERM $guard
wait $guard
same "the command's end" 143 $?
lokt_start
guarded --ttl 1s
lokt_kill
wait $guard
same "killed" 137 $?
told "the hold is lost"
