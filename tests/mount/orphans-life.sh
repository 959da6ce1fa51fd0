#!/usr/bin/env bash
# Holds that outlived their mount are holds like any other, and outlive the next mount too.
#
# "until none has, its TTL passes, or somebody breaks it"
. "$(dirname "$0")/lib.sh" || exit 1
flights shared
. "${lib_self%/*}/orphans-lib.sh" || exit 1

lokt_start
exec 4<>"$L/renewed@ttl=10m" 5<>"$L/expired@ttl=1s"
hold broken broken
hold forced forced
hold thawed thawed
again kill
same "a TTL goes on" 600000 "$(status renewed .holder.ttl_ms)"
within "what is left of it" 1 599999 "$(status renewed .holder.remaining_ms)"
hold next expired
let_go "$next"
same "the TTL passed" stale-break "$(ends expired | cut -d, -f1)"
check "its family renews it by its name" bash -c 'echo "renewed 1h" >"$1"' bash "$M/renew"
same "renewed" 3600000 "$(status renewed .holder.ttl_ms)"
queue next broken
check "it is broken" rm "$L/broken@token=$(status broken .holder.token)"
granted "$next"
let_go "$next"
check "lokt unlock --force" "$LOKT" --mount "$M" unlock --force forced
same "broken" force-break,force-break "$(ends broken | cut -d, -f1),$(ends forced)"
check "frozen" sh -c 'echo 1h >"$1"' sh "$M/freezes/thawed"
let_go "$thawed"
expect 'open EBUSY' "open:rw:$L/thawed"
wait_until 5 state_is thawed frozen || fail "it does not end while frozen"
"$LOKT" --mount "$M" doctor | grep -q "^note *holders *renewed .*process $$ .*unlock --force renewed" ||
	fail "doctor does not list it: $("$LOKT" --mount "$M" doctor)"
"$LOKT" --mount "$M" status | grep -q "^renewed  *held .* $$ (orphan) " ||
	fail "status does not show it: $("$LOKT" --mount "$M" status)"
for command in why status; do
	"$LOKT" --mount "$M" $command renewed | grep -q "from a mount that is gone, process $$ still has it" ||
		fail "$command does not tell it: $("$LOKT" --mount "$M" $command renewed)"
done

# ---- again and again ----
exec 5<>"$L/first"
again kill
exec 6<>"$L/second"
again stop
exec 7<>"$L/third"
again kill
for name in first second third renewed; do
	kept $name $$
done
exec 5>&-
wait_until 5 state_is first free || fail "the first generation stays"
exec 4>&- 6>&- 7>&-
for name in second third renewed; do
	wait_until 5 state_is $name free || fail "$name stays"
done
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
