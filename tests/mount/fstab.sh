#!/usr/bin/env bash
# Mounted by mount(8), from its command line and from a table like /etc/fstab.
#
# "SOURCE and the generic options (`rw`, `dev`, `suid`, `nofail`, `_netdev`, `x-*`) are accepted and
# ignored, as `mount -t fuse.loktfs` and fstab pass them. It returns once the mount serves. Default
# `nosuid,nodev`, `subtype=loktfs`."
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/installed.sh"

[ -x /sbin/mount.fuse3 ] || skip "no mount.fuse3 here"
case $prefix in
/usr | /usr/local) ;;
*) skip "mount(8) looks for loktfs in /usr and /usr/local, not in $prefix" ;;
esac

# served [OPTION]: it serves, is what it should be, and goes away by umount(8).
served() {
	check "usable at once" test -e "$M/status.json"
	lokt_started
	same "the installed one" "$prefix/sbin/loktfs" "$(readlink "/proc/$D/exe")"
	expect 'close OK' "open:rw:$L/x" close
	findmnt -no FSTYPE,OPTIONS "$M" >"$T/mount" || fail "not mounted"
	grep -q '^fuse.loktfs .*nosuid,nodev' "$T/mount" || fail "mounted as $(cat "$T/mount")"
	[ -z "${1-}" ] || grep -q "$1" "$T/mount" || fail "$1 is lost: $(cat "$T/mount")"
	check "umount" umount "$M"
	wait_until 10 lokt_ended || fail "the daemon outlives its mount"
}

options=rw,nofail,x-systemd.automount,x-systemd.requires=network.target,_netdev,dev,suid
check "mount -t" mount -t fuse.loktfs lokt "$M" -o "$options,state=$S,ttl=10m"
served
stored_log | grep -q '"ttl_ms":600000' || fail "the option ttl= was lost"

echo "none $M fuse.loktfs $options,state=$S,allow_other 0 0" >"$T/fstab"
check "the table is one" findmnt --verify --tab-file "$T/fstab"
check "mount by the table" mount --fstab "$T/fstab" "$M"
served allow_other
check "mount all of it" mount --fstab "$T/fstab" --all
served allow_other

# A wrong option is said, and nothing is mounted.
out=$(mount -t fuse.loktfs lokt "$M" -o "state=$S,nonsense=1" 2>&1) && fail "nonsense was mounted"
[[ $out = *"unknown option 'nonsense'"* ]] || fail "mount says: $out"
refute "nothing is mounted" mountpoint -q "$M"
