#!/usr/bin/env bash
# All of Lokt dies in a time namespace whose clocks began after most processes of the machine: they have nothing to do
# with a hold that came later.
#
# "until none has, its TTL passes, or somebody breaks it"
if [ -z "${LOKT_CLOCKS-}" ] && unshare --time true 2>/dev/null; then
	past=$((60 - $(cut -d. -f1 /proc/uptime)))
	LOKT_CLOCKS=new exec unshare --time --fork --boottime $past --monotonic $past bash "$0"
fi
. "$(dirname "$0")/lib.sh" || exit 1
flights exclusive
. "${lib_self%/*}/orphans-lib.sh" || exit 1
[ -n "${LOKT_CLOCKS-}" ] || skip "time namespaces need root"

lokt_start
hold alive alive
hold dies dies
meanwhile() {
	die KILL "$dies"
}
again kill meanwhile
kept alive "$alive"
same "who was gone before is gone" "auto-prune unknown" "$(ends dies)"
let_go "$alive"
wait_until 5 state_is alive free || fail "it is kept"
lokt_stop
