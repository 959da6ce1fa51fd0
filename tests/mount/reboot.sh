#!/usr/bin/env bash
# The machine dies: holds end with it, freezes and the growth of tokens do not, and what the disk had
# not got yet is missing. The boot id is another one, in a mount namespace of the test's own.
#
# "`auto-prune` (`reason`: … `reboot` …)", "`token` … grows with every grant, across names, restarts
# and reboots", freezes "by wall time over a reboot"
. "$(dirname "$0")/lib.sh" || exit 1

[ "$(id -u)" = 0 ] || skip "a mount namespace needs root"
if [ -z "${LOKT_UNSHARED-}" ]; then
	unshare -m --propagation private true 2>/dev/null || skip "no mount namespaces here"
	LOKT_UNSHARED=1 LOKT_TEST_DIR=$T exec unshare -m --propagation private bash "$lib_self"
fi
boot_id=/proc/sys/kernel/random/boot_id

lokt_start
echo 1h >"$M/freezes/long"
echo 2500ms >"$M/freezes/short"
frozen_at=$(now_ms)
hold holder x
synced=$(wc -l <"$M/audit.jsonl")
hold late y
token=$(status y .holder.token)

# The last line, a grant, was in memory alone.
lokt_kill
kill -KILL "$holder" "$late"
wait "$holder" "$late" 2>/dev/null
file=$(lib_stored | tail -n 1)
head -n "$synced" "$file" >"$T/disk"
cat "$T/disk" >"$file"
echo 01234567-89ab-cdef-0123-456789abcdef >"$T/boot_id"
mount --bind "$T/boot_id" $boot_id 2>/dev/null || skip "no other boot id can be shown here"

lokt_start
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "it recovered" happened '.event == "recover"'
same "how the hold ended" "auto-prune reboot" \
	"$(events '.name == "x"' | tail -n 1 | jq -r '"\(.event) \(.reason)"')"
check "free" state_is x free
exec 9<>"$L/z"
[ "$(jq .token <&9)" -gt "$token" ] || fail "a token was granted twice: $(jq .token <&9) after $token"
exec 9>&-
expect 'open EBUSY' "open:rw:$L/long"
thawed() {
	! [ -e "$M/freezes/short" ]
}
wait_until 10 thawed || fail "a freeze does not end after a reboot"
within "ms of a freeze of 2.5 s" 2490 6000 $(($(now_ms) - frozen_at))
lokt_stop
