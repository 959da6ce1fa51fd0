#!/usr/bin/env bash
# Several users at one mount.
#
# "Set by the mount's owner, an admin (`-o admins=GROUP`), or the holder's user; lifted by those, or
# by who set it."
. "$(dirname "$0")/lib.sh" || exit 1

[ "$(id -u)" = 0 ] || skip "being other users needs root"
need setpriv

ada=61001 bob=61002
as() {
	local uid=$1
	shift
	setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
}
as $ada true 2>/dev/null || skip "cannot become another user here"
# The build may lie where others cannot read.
mkdir "$T/bin"
cp "$TRY" "$T/bin/lokt-try"
try=$T/bin/lokt-try

# Without allow_other the mount is its owner's alone.
lokt_start
refute "another user looks" as $ada ls "$L"
# "`EACCES`, `EPERM`: not permitted"
same "another user opens" "open EACCES" "$(as $ada "$try" "open:rw:$L/x" | cut -d' ' -f1,2)"
lokt_stop

lokt_start allow_other
setpriv --reuid=$ada --regid=$ada --clear-groups "$try" "open:rw:$L/x@ttl=1h" pause pause close >"$T/ada" &
holder=$!
wait_until 5 grep -q '^open OK' "$T/ada" || fail "ada cannot take it: $(cat "$T/ada")"
# "`ls -l` shows the holder's user as owner and the time of the grant as mtime."
same "the holder's user" "$ada $ada $ada" \
	"$(status x '"\(.holder.uid) \(.holder.owner)"') $(stat -c %u "$L/x")"
token=$(status x .holder.token)

# step_as USER STEP RESULT
step_as() {
	local got
	got=$(as "$1" "$try" "$2" | tail -n 1)
	same "$2 by $1" "$3" "${got#* }"
}
step_as $bob "unlink:$L/x" EBUSY
step_as $bob "unlink:$L/x@token=$token" EPERM
same "held" "$token" "$(status x .holder.token)"
same "no break" 0 "$(count '.event == "force-break"')"

# Freezing: ada what she holds, bob nothing, root everything.
refute "bob freezes" as $bob bash -c 'echo 1h >"$1"' bash "$M/freezes/x"
refute "bob freezes a free name" as $bob bash -c 'echo 1h >"$1"' bash "$M/freezes/free"
refute "bob freezes all" as $bob bash -c 'echo 1h >"$1"' bash "$M/freezes/@all"
refute "ada freezes what she does not hold" as $ada bash -c 'echo 1h >"$1"' bash "$M/freezes/free"
same "nothing is frozen" "" "$(ls "$M/freezes")"
[[ $(as $bob bash -c 'echo 1h >"$1"' bash "$M/freezes/free" 2>&1) = *"not permitted"* ]] ||
	fail "bob's error is not EPERM"
check "ada freezes what she holds" as $ada bash -c 'echo 1h >"$1"' bash "$M/freezes/x"
step_as $bob "unlink:$M/freezes/x" EPERM
refute "bob changes the TTL" as $bob bash -c 'echo 1s >"$1"' bash "$M/freezes/x"
check "bob may look" as $bob cat "$M/freezes/x" "$M/status/x.json" "$M/status.json" "$M/audit.jsonl"
step_as $ada "unlink:$M/freezes/x" OK
wait_until 5 happened '.event == "deny" and .reason == "permission" and .uid == $u
	and .name == "free"' \
	--argjson u $bob || fail "no denial with the reason permission"
check "root freezes" eval 'echo 1h >"$M/freezes/x"'
check "ada, who holds it, may lift that" as $ada rm "$M/freezes/x"
check "root freezes all" eval 'echo 1h >"$M/freezes/@all"'
step_as $ada "unlink:$M/freezes/@all" EPERM
check "root thaws" rm "$M/freezes/@all"

# Renewing: not what is another's.
refute "bob renews ada's" as $bob bash -c 'echo "x 500m" >"$1"' bash "$M/renew"
# A child that gave up its rights renews what it works under, and cannot end it.
exec 9<>"$L/above@ttl=1h"
refute "a child that is bob cuts it short" as $bob bash -c 'echo "above 10ms" >"$1"' bash "$M/renew"
check "he renews it" as $bob bash -c 'echo above >"$1"' bash "$M/renew"
same "for as long" 3600000 "$(status above .holder.ttl_ms)"
exec 9>&-
within "the TTL is ada's" 0 3600000 "$(status x .holder.remaining_ms)"

# bob waits as anybody does, and takes what ada's own process breaks.
setpriv --reuid=$bob --regid=$bob --clear-groups "$try" "open:rw:$L/x" pause close >"$T/bob" &
waiter=$!
wait_until 5 lib_waits $waiter x || fail "bob does not wait"
same "ada's waiter is bob" $bob "$(status x '.waiters[0].uid')"
step_as $ada "unlink:$L/x@token=$token" OK
wait_until 5 grep -q '^open OK' "$T/bob" || fail "bob is not granted: $(cat "$T/bob")"
check "by whom" jq -s -e --argjson t "$token" --argjson a $ada '
	[.[] | select(.event == "force-break")]
	| length == 1 and (.[0] | .token == $t and .by_uid == $a and .uid == $a)' "$M/audit.jsonl"
step_as $ada "unlink:$L/x@token=$(status x .holder.token)" EPERM
check "root breaks bob's" rm "$L/x@token=$(status x .holder.token)"
check "free" state_is x free
# Who set it may lift it, though he holds nothing any more.
as $ada "$try" "open:rw:$L/mine" "open:wr+creat+trunc:$M/freezes/mine" write:1h >/dev/null ||
	fail "ada cannot freeze what she holds"
check "frozen" state_is mine frozen
step_as $bob "unlink:$M/freezes/mine" EPERM
step_as $ada "unlink:$M/freezes/mine" OK
check "by root" happened '.event == "force-break" and .by_uid == 0 and .uid == $b' --argjson b $bob
kill -KILL $holder $waiter
