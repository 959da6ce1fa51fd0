#!/usr/bin/env bash
# lokt why, and how refusals name who is in the way.
#
# "`why NAME`", "Errors name the holder: `deploy is held by ada (pid 4123, 41 s, expires in 19 s)`",
# "Exit: 0 done · 1 error · 2 held, frozen or timed out …"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start allow_other,max_holds=6
export LOKT_MOUNT=$M
unset LOKT_OWNER LOKT_AGENT_ID LOKT_TOKEN
me=$(id -un)

# code WANTED ARG…: lokt exits with this code; what it says is in $T/said.
code() {
	local want=$1 got
	shift
	"$LOKT" "$@" >"$T/said" 2>&1
	got=$?
	[ "$got" = "$want" ] || fail "wanted exit code $want, got $got: lokt $* said: $(<"$T/said")"
}

# told REGEX: and this is in it.
told() {
	grep -Eq -- "$1" "$T/said" || fail "it does not say '$1' but: $(<"$T/said")"
}

untold() {
	! grep -Eq -- "$1" "$T/said" || fail "it says '$1': $(<"$T/said")"
}

# ---- free ----
code 0 why x
told '^x is free$'
told '^  lokt guard x -- COMMAND +takes it'
untold 'unlock|slots'
same "as JSON" "free [] null" "$("$LOKT" why --json x | jq -r '"\(.state) \(.denials) \(.ended)"')"

# ---- held by a process ----
hold holder x@owner=ada,ttl=30m
queue waiter x@owner=bob
expect 'open EAGAIN' "open:rw:$L/x@try,owner=eve"
code 2 why x
told "^x is held by ada \(pid $holder, .*s, expires in 29 min .*\)\$"
told "^  held    by ada \(pid $holder: lokt-try\) since 2.*Z until 2.*Z\$"
told "^  queue   1\. bob \(pid $waiter\) for "
told '^  refused to eve \(pid [0-9]+\) .* ago: held$'
told '^  lokt guard x -- COMMAND +waits'
told '^  lokt unlock x --force +breaks'
code 2 why x --json
same "as JSON" "ada lokt-try bob eve" \
	"$(jq -r '"\(.holder.owner) \(.holders[0].command) \(.waiters[0].owner) \(.denials[0].owner)"' "$T/said")"
check "with what to do" jq -e '.advice | index("lokt unlock x --force")' "$T/said"
die KILL "$waiter"
die KILL "$holder"
wait_until 5 happened '.event == "auto-prune"' || fail "nobody noticed"
code 0 why x
told '^  before  ada \(pid [0-9]+\) held it, until .* ago: killed by signal 9$'

# ---- one's own, through guard ----
code 2 guard x -- "$LOKT" why x
told 'lokt, running lokt\) .*; it is the hold that this runs under$'

# ---- a lease ----
check "a lease" "$LOKT" lock x --owner stage-1
code 2 why x
told '^x is held by stage-1 \(lease, '
told '^  lokt unlock x --owner stage-1 +gives'
check "given back" "$LOKT" unlock x --owner stage-1

# ---- frozen ----
check "a freeze" "$LOKT" freeze @all --ttl 1m
code 2 why x
told "^x is frozen by $me, thaws in .*\(the whole mount is\): nothing new"
told '^  lokt unfreeze @all +lifts'
told '^  lokt guard x --wait -- COMMAND +waits, for the thaw too'
code 3 unfreeze x
told 'x is still frozen .*; lokt unfreeze @all$'
check "lifted" "$LOKT" unfreeze @all

# ---- together ----
hold one s@shared
hold two s@shared
code 2 guard s --try -- true
told "^lokt: s is held by $me \(pid $one, .*\) and 1 more\$"
code 2 why s
told 'lokt guard s --shared -- COMMAND +shares it'
queue waiter s
code 2 guard s --shared --try -- true
told ' and 1 more; 1 waits for it first$'
die KILL "$waiter"
let_go "$one" "$two"

hold one gpu@slots=3
hold two gpu@slots=3
code 1 guard gpu --slots 2 -- true
told '^lokt: gpu is in use with --slots 3: say the same$'
code 1 guard gpu -- true
told 'with --slots 3'
code 2 why gpu
told '^gpu is held by .* and 1 more, 2 of 3 slots$'
told '^  lokt guard gpu --slots 3 -- COMMAND +takes a slot that is free'
let_go "$one" "$two"
hold one plain
code 1 guard plain --slots 2 -- true
told '^lokt: plain is in use without --slots$'
let_go "$one"

# ---- groups ----
hold group b+a@ttl=1m
code 2 guard b --try -- true
told "^lokt: b is held by $me \(pid $group, .*, as a\+b\)\$"
code 2 guard c+b --timeout 50ms -- true
told '^lokt: c\+b: b is held by .*; gave up after '
code 2 why b
told 'together as a\+b$'
code 0 status b
told ', as a\+b$'
queue waiter c+a
code 2 guard c --try -- true
told "^lokt: c is free, but $me \(pid $waiter\) waits for it first\$"
die KILL "$waiter"
let_go "$group"

# ---- for ever ----
code 2 guard x -- "$LOKT" guard x -- true
told '^lokt: x is held by .*; waiting for it would never end \(deadlock: this runs under that hold\)$'
mkfifo "$T/go"
"$LOKT" guard d1 -- bash -c 'read -r <"$1"; exec "$2" guard d2 -- true' bash "$T/go" "$LOKT" \
	2>"$T/first" &
first=$!
wait_until 5 state_is d1 held || fail "d1 is not held"
"$LOKT" guard d2 -- bash -c 'echo >"$1"; exec "$2" guard d1 -- true' bash "$T/go" "$LOKT" \
	2>"$T/second" &
second=$!
wait $first
first=$?
wait $second
same "one of them" 2 $((first + $?))
cat "$T/first" "$T/second" >"$T/said"
told 'would never end \(deadlock: pid [0-9]+ waits for d[12], pid [0-9]+ waits for d[12]\)$'
code 0 why d1
code 0 why d2
cat <("$LOKT" why d1) <("$LOKT" why d2) >"$T/said"
told '^  refused to .* ago: deadlock: pid [0-9]+ waits for d'

# ---- limits ----
for name in 1 2 3 4 5 6; do
	hold "limit$name" "l$name"
done
code 1 guard l7 -- true
told '^lokt: l7: a limit of the mount is reached, .*; loktfs -o max_holds= raises it$'
let_go "$limit1" "$limit2" "$limit3" "$limit4" "$limit5" "$limit6"

# ---- usage ----
for bad in "why" "why a b" "why a/b" "why a+b" "why --frob a"; do
	# shellcheck disable=SC2086
	code 64 $bad
done

# ---- another user's: no advice that would not work ----
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	other() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	install -m 755 "$LOKT" "$T/lokt" # the build may be where another user cannot go
	other test -x "$T/lokt" || skip "another user cannot run $T/lokt"
	hold holder x
	other "$T/lokt" why x >"$T/said" 2>&1
	same "it may look" 2 $?
	told "^x is held by $me "
	untold 'unlock'
	let_go "$holder"
fi
