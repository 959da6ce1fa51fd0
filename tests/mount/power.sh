#!/usr/bin/env bash
# The power fails: what is left is what the disk had got, and that is what is on the image of a disk
# at that moment. What must outlive the machine was there before anybody was answered.
#
# "Survives the daemon and the machine; time that passed meanwhile counts.", of leases; "A freeze always
# ends …, and survives the daemon and the machine."
. "$(dirname "$0")/lib.sh" || exit 1

own_mounts
need mkfs.ext4
truncate -s 24M "$T/disk.0"
mkfs.ext4 -q "$T/disk.0" || skip "no disk can be made here"
mount -o loop "$T/disk.0" "$S" 2>/dev/null || skip "no disk can be mounted here"

# cut: the power fails now, and comes back: another boot, with what the disk has.
boots=0
cut() {
	local disk=$T/disk.$((boots + 1))
	lokt_kill # first: a copy of what is being written is of no one moment
	cp "$T/disk.$boots" "$disk"
	umount "$S" || umount -l "$S"
	e2fsck -fy "$disk" >"$T/fsck" 2>&1
	boots=$((boots + 1))
	echo "01234567-89ab-cdef-0123-4567890000$((10 + boots))" >"$T/boot_id.$boots"
	mount --bind "$T/boot_id.$boots" /proc/sys/kernel/random/boot_id 2>/dev/null ||
		skip "no other boot id can be shown here"
	mount -o loop "$disk" "$S" || fail "the disk cannot be mounted"
	lokt_start $options
}

options=lease_ttl=1h
lokt_start $options
: >"$M/leases/taken"
cut
check "a lease is there" state_is taken held
same "as a lease" "lease 3600000" "$(status taken '"\(.holder.kind) \(.holder.ttl_ms)"')"
token=$(status taken .holder.token)

echo 2h >>"$M/leases/taken"
cut
same "its renewal is there" 7200000 "$(status taken .holder.ttl_ms)"
same "and it is the same hold" "$token" "$(status taken .holder.token)"

echo 1h >"$M/freezes/f"
cut
check "a freeze is there" state_is f frozen
echo 2h >"$M/freezes/f"
cut
within "changed as it was" 6900000 7200000 "$(status f .freeze.remaining_ms)"
rm "$M/freezes/f"
cut
check "lifted" state_is f free

# What ended does not come back.
: >"$M/leases/released"
rm "$M/leases/released"
cut
check "released" state_is released free
: >"$M/leases/broken"
rm "$L/broken@token=$(status broken .holder.token)"
cut
check "broken" state_is broken free

# Tokens: the greatest that anybody saw is behind us.
for round in 1 2 3; do
	hold holder t
	[ "$(status t .holder.token)" -gt "$token" ] || fail "round $round: the tokens go back"
	token=$(status t .holder.token)
	cut
	die KILL "$holder"
	wait_until 5 state_is t free || fail "a hold outlives its machine"
done
check "renewed by its own" touch "$M/leases/taken"
check "released" rm "$M/leases/taken"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"

# In the middle of work, with a new log file every few milliseconds, most of which are not synced: what is in
# between may be missing, empty or half there.
lokt_stop
options=lease_ttl=1h,audit_max=512K
lokt_start $options
touch_lease() {
	: >"$M/leases/loaded"
}
for round in 1 2 3 4; do
	"$CROWD" churn 4 1000000 "$L" >"$T/churn" 2>&1 &
	churn=$!
	sleep 0.3
	check "round $round: a lease" touch_lease
	check "round $round: a freeze" eval 'echo 1h >"$M/freezes/loaded"'
	sleep 0.0$((round * 2))
	exec 9<>"$L/mine" || fail "round $round: not granted"
	token=$(jq .token <&9)
	exec 9>&-
	cut
	die KILL $churn
	check "round $round: a lease is there" test "$(status loaded .holder.kind)" = lease
	check "round $round: a freeze is there" test -e "$M/freezes/loaded"
	[ "$round" = 1 ] || check "round $round: and the last one" test -e "$M/freezes/frozen-$((round - 1))"
	check "round $round: one chain" "$LOKT" --mount "$M" audit verify
	exec 9<>"$L/t@try" || fail "round $round: t is not free"
	now=$(jq .token <&9)
	[ "$now" -gt "$token" ] || fail "round $round: token '$now' comes after '$token'"
	exec 9>&-
	rm "$M/leases/loaded" "$M/freezes/loaded"
	echo 1h >"$M/freezes/frozen-$round"
done

# What is synced leaves no gap before it: the history is whole up to there.
lokt_stop
options=lease_ttl=1h,audit_max=2M
lokt_start $options
"$CROWD" churn 4 400 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
: >"$M/leases/last"
cat "$M/audit.jsonl" >"$T/before"
cut
check "nothing of it is missing" cmp "$T/before" <(head -n "$(wc -l <"$T/before")" "$M/audit.jsonl")
lokt_stop
