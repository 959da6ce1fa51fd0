#!/usr/bin/env bash
# The power fails when the disk has got the names of the log's files, and which are gone, and of what is in
# them just what was synced: the newest of those that are safe is still there.
#
# "A freeze always ends …, and survives the daemon and the machine.", "`token` is the fencing token: a 64-bit
# integer that grows with every grant, across names, restarts and reboots."
. "$(dirname "$0")/lib.sh" || exit 1

own_mounts
need mkfs.ext4
truncate -s 24M "$T/disk.0"
mkfs.ext4 -q "$T/disk.0" || skip "no disk can be made here"
mount -o loop "$T/disk.0" "$S" 2>/dev/null || skip "no disk can be mounted here"
max=65536

# files: of the log, on the disk that was left.
files() {
	find "$S" -name 'log.*' -printf '%f %s\n' | sort
}
lokt_start "audit_max=$max"
echo 1h >"$M/freezes/frozen"
: >"$M/leases/leased"
for round in 1 2 3; do
	# Far more than is kept, and nothing in it that has to outlive the machine.
	"$CROWD" churn 1 $((300 + 100 * round)) "$L" >"$T/churn" || fail "$(cat "$T/churn")"
	exec 9<>"$L/x"
	token=$(jq .token <&9)
	exec 9>&-
	echo "$round" | dd of="$S/other" conv=fsync status=none # has the names written, and no contents
	cp "$T/disk.$((round - 1))" "$T/disk.$round"
	lokt_kill
	umount "$S" || umount -l "$S"
	e2fsck -fy "$T/disk.$round" >"$T/fsck" 2>&1
	echo "01234567-89ab-cdef-0123-45678900001$round" >"$T/boot_id.$round"
	mount --bind "$T/boot_id.$round" /proc/sys/kernel/random/boot_id 2>/dev/null ||
		skip "no other boot id can be shown here"
	mount -o loop "$T/disk.$round" "$S" || fail "the disk cannot be mounted"
	files >"$T/files"
	grep -q ' 0$' "$T/files" || echo "round $round: all of it was written: $(cat "$T/files")"
	lokt_start "audit_max=$max"
	state_is frozen frozen || fail "round $round: the freeze is gone; there was: $(cat "$T/files")"
	state_is leased held || fail "round $round: the lease is gone; there was: $(cat "$T/files")"
	exec 9<>"$L/x@try" || fail "round $round: x is not free"
	[ "$(jq .token <&9)" -gt "$token" ] || fail "round $round: the tokens go back"
	exec 9>&-
done
lokt_stop
