#!/usr/bin/env bash
# lokt lock, lokt unlock: a hold that outlives the command.
#
# "`lock` · `unlock [--force]`", "A lease on `build` is an exclusive hold on the same lock as
# `locks/build`", "held by anyone, as lease or open, oneself included: `EEXIST`; frozen: `EBUSY`. The
# label is part of the identity", "Exit: 0 done · … 2 held, frozen or timed out · 3 not found · 4 not
# yours · 64 usage", "Breaking needs to say which grant"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start lease_ttl=40m,allow_other
export LOKT_MOUNT=$M
unset LOKT_OWNER LOKT_AGENT_ID
me=$(id -un)

# code WANTED ARG…: lokt exits with this code; what it says is in $T/said.
code() {
	local want=$1 got
	shift
	"$LOKT" "$@" >"$T/said" 2>&1
	got=$?
	[ "$got" = "$want" ] || fail "wanted exit code $want, got $got: lokt $* said: $(<"$T/said")"
}

# told TEXT: and this is in it.
told() {
	grep -qF -- "$1" "$T/said" || fail "it does not say '$1' but: $(<"$T/said")"
}

# ---- taken, held, given back ----
code 0 lock x
told "x is leased to $me for 40 min"
same "a lease that outlived the command" "lease held $me 2400000" \
	"$(status x '"\(.holder.kind) \(.state) \(.holder.owner) \(.holder.ttl_ms)"')"
expect 'open EAGAIN' "open:rw:$L/x@try"
code 2 lock x
told "x is held by $me (lease, "
told "to renew it: echo 15m >>$M/leases/x"
check "so it can" bash -c "echo 20m >>$M/leases/x"
same "renewed" 1200000 "$(status x .holder.ttl_ms)"
code 0 unlock x
same "free" free "$(status x .state)"
code 3 unlock x
told "there is no lease on x: nobody holds it"
code 0 lock --ttl=90s y
same "its own time" 90000 "$(status y .holder.ttl_ms)"
code 0 unlock y
code 0 lock y --ttl 90s --json
same "as the mount's own JSON" "$(cat "$M/leases/y")" "$(<"$T/said")"
token=$(status y .holder.token)
same "unlock --json" "{\"name\":\"y\",\"released\":[$token]}" "$("$LOKT" --json unlock y)"

# ---- labels ----
code 0 lock r --owner stage-1
code 4 unlock r
told "not under this label; lokt unlock r --owner stage-1"
code 4 unlock r --owner stage-2
code 2 lock r --owner stage-2
told "r is held by stage-1 (lease, "
code 0 unlock r --owner stage-1
LOKT_OWNER=stage-3 LOKT_AGENT_ID=nobody code 0 lock r
same "by the variable" stage-3 "$(status r .holder.owner)"
LOKT_OWNER=stage-4 code 0 unlock --owner stage-3 r
long=$(printf 'a%.0s' {1..70})
LOKT_OWNER='' LOKT_AGENT_ID="an agent/ü$long" code 0 lock r
same "what a label can be" "an_agent___$(printf 'a%.0s' {1..53})" "$(status r .holder.owner)"
LOKT_AGENT_ID="an agent/ü$long" code 0 unlock r

# ---- held by others ----
hold holder x@owner=ada,ttl=30m
code 2 lock x
told "x is held by ada (pid $holder, "
told ", expires in 29 min "
code 2 lock x --timeout 100ms
told "gave up after"
code 3 unlock x
told "there is no lease on x: it is held by ada (pid $holder, "
token=$(status x .holder.token)
code 0 unlock x --force --json
same "which was broken" "[$token]" "$(jq -c .released "$T/said")"
wait_until 5 state_is x free || fail "it is still held"
same "in the log" "$token" "$(events '.event == "force-break" and .name == "x"' | jq .token)"
code 3 unlock x --force
die KILL "$holder"
hold one s@shared
hold two s@shared
code 2 lock s
told " and 1 more"
code 0 unlock --force s
same "all that shared it" 2 "$(grep -c "^broken: s was held by $me (pid " "$T/said")"
same "free" free "$(status s .state)"
die KILL "$one"
die KILL "$two"
code 0 lock x --owner other
code 0 unlock x --force
same "a lease too" free "$(status x .state)"

# ---- frozen ----
code 0 freeze f --ttl 1m
code 2 lock f
told "f is frozen by $me, thaws in "
code 2 lock f --timeout 50ms
"$LOKT" lock f --wait >"$T/out" 2>&1 &
waiter=$!
wait_until 5 lib_waits $waiter f || fail "it does not wait for the thaw"
code 0 unfreeze f
wait $waiter
same "after the thaw" "0 f is leased to $me for 40 min" "$? $(<"$T/out")"
code 0 unlock f

# ---- waiting ----
hold holder x
"$LOKT" lock x --timeout 20s --ttl 5m >"$T/out" 2>&1 &
waiter=$!
wait_until 5 lib_waits $waiter x || fail "it does not wait"
let_go "$holder"
wait $waiter
same "its turn" "0 x is leased to $me for 5 min" "$? $(<"$T/out")"
code 0 unlock x

# ---- usage ----
for bad in lock unlock "lock a b" "lock a+b" "lock a/b" "lock a --ttl 0" "lock a --ttl none" \
	"lock a --try --wait" "lock a --try --timeout 1s" "lock a --owner a/b" "unlock a b" \
	"unlock a --owner=" "unlock a --token 3"; do
	# shellcheck disable=SC2086
	code 64 $bad
done
code 0 lock x --try
code 0 unlock x

# ---- not yours ----
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	other() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	install -m 755 "$LOKT" "$T/lokt" # the build may be where another user cannot go
	other test -x "$T/lokt" || skip "another user cannot run $T/lokt"
	code 0 lock x
	hold holder z
	for what in "unlock x" "unlock x --force" "unlock z --force"; do
		# shellcheck disable=SC2086
		other "$T/lokt" $what >"$T/said" 2>&1
		same "$what by another" 4 $?
	done
	same "both are held" "held held" "$(status x .state) $(status z .state)"
	let_go "$holder"
	code 0 unlock x
	# Root may, but only who says so takes what is another's.
	check "another's lease" other "$T/lokt" lock x
	code 4 unlock x
	told "not yours; who may break it says --force"
	code 0 unlock x --force
fi
