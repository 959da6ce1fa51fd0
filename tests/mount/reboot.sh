#!/usr/bin/env bash
# The machine dies: holds end with it; leases, freezes and the growth of tokens do not, and what the
# disk had not got yet is missing. The boot id is another one, in a mount namespace of the test's own,
# and so are the daemon's clocks, in a time namespace: they begin anew, or stand a day later.
#
# "`token` is the fencing token: a 64-bit integer that grows with every grant, across names,
# restarts and reboots.", "leases and freezes on CLOCK_BOOTTIME, and by wall time over a reboot.",
# "`auto-prune` (`reason`: `killed` + `signal`, `exited`, `reboot`, `unknown`): the holder died
# without closing"
. "$(dirname "$0")/lib.sh" || exit 1

own_mounts
# boot SECONDS: the machine comes up again, with its clocks so much later or, negative, earlier.
boots=0
boot() {
	boots=$((boots + 1))
	echo "01234567-89ab-cdef-0123-4567890000$((10 + boots))" >"$T/boot_id.$boots"
	mount --bind "$T/boot_id.$boots" /proc/sys/kernel/random/boot_id 2>/dev/null ||
		skip "no other boot id can be shown here"
	printf '#!/bin/sh\nexec unshare -T --fork --boottime=%s --monotonic=%s "%s" "$@"\n' \
		"$1" "$1" "$loktfs" >"$T/loktfs"
	lokt_start
}
# lasted WHAT: as long as it should, of those since frozen_at.
lasted() {
	[ $(($(now_ms) - frozen_at)) -ge 2490 ] || fail "a $1 of 2.5 s ends before its time"
}
loktfs=$LOKTFS
LOKTFS=$T/loktfs
printf '#!/bin/sh\nexec "%s" "$@"\n' "$loktfs" >"$LOKTFS"
chmod +x "$LOKTFS"
back=$(awk '{ print (int($1) > 10 ? 5 - int($1) : 0) }' /proc/uptime)
unshare -T --fork --boottime="$back" --monotonic="$back" true 2>/dev/null ||
	skip "no clocks of one's own here"

lokt_start
echo 1h >"$M/freezes/long"
frozen_at=$(now_ms) # before both
echo 2500ms >"$M/freezes/short"
echo 1h >"$M/leases/lease"
echo 2500ms >"$M/leases/short-lease"
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
boot "$back"
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
check "a lease outlives the machine" jq -e '.holder | .kind == "lease" and .remaining_ms > 3500000
	and .remaining_ms < 3600000' "$M/status/lease.json"
check "and is renewed by its user" touch "$M/leases/lease"
wait_until 10 state_is short-lease free || fail "a lease does not end after a reboot"
lasted lease
thawed() {
	! [ -e "$M/freezes/short" ]
}
wait_until 10 thawed || fail "a freeze does not end after a reboot"
lasted freeze

# Once more, into clocks that stand higher than any deadline was.
frozen_at=$(now_ms) # before both: so neither may end earlier than that
echo 2500ms >"$M/leases/short-lease"
echo 2500ms >"$M/freezes/short"
lokt_kill
boot 86400
check "the lease is there" jq -e '.holder | .kind == "lease" and .remaining_ms > 3500000
	and .remaining_ms < 3600000' "$M/status/lease.json"
expect 'open EBUSY' "open:rw:$L/long"
within "the freeze" 3500000 3600000 "$(status long .freeze.remaining_ms)"
wait_until 10 state_is short-lease free || fail "a lease does not end after a reboot"
lasted lease
wait_until 10 thawed || fail "a freeze does not end after a reboot"
lasted freeze
lokt_stop
