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

# ---- it renews ----
guarded --ttl 600ms
sleep 2
check "still held after three TTLs" state_is x held
check "a third of the TTL apart" [ "$(status x .holder.renewals)" -ge 5 ]
kill -TERM $guard
wait $guard
same "the command's end by the signal that guard got" 143 $?
wait_until 5 gone "$command" || fail "the command still runs"

# ---- the hold is lost ----
guarded --ttl 2s
rm "$L/x@token=$(status x .holder.token)"
wait_until 5 gone "$command" || fail "the command goes on without the lock"
wait $guard
same "killed" 137 $?
told "the hold is lost"

# With it goes all that the command started; and what was asked for happens.
for how in term warn; do
	rm -f "$T/pid"
	"$LOKT" guard x --ttl 600ms --on-lost=$how -- bash -c '
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
guarded --ttl 10s
kill -TSTP $guard
wait_until 5 in_state $guard T || fail "guard does not stop"
check "its command stopped before it" in_state "$command" T
kill -CONT $guard
wait_until 5 in_state "$command" S || fail "the command does not go on"
kill -TERM $guard
wait $guard

# Stopped for longer than its TTL: the lock is another's, and the command does not go on.
guarded --ttl 500ms
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
"$LOKT" guard x -- bash -c 'sleep 1 & echo $!' >"$T/pid"
check "held by what is left" state_is x held
wait_until 5 state_is x free || fail "still held after the last has ended"
