#!/usr/bin/env bash
# The group of -o admins= is looked up once: a server, a supervisor or a program that comes later asks nobody who may be
# out of order, and means the same group.
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

own_mounts
others_ready
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
another() {
	local pid
	pid=$(supervisor) && [ "$pid" != "$S1" ] && ! lib_dead "$pid"
}
# administers WHEN: a member may freeze and thaw; another may not.
administers() {
	as $bob:4242 "$TRY" "open:wr+creat+trunc:$M/freezes/x" write:1h | grep -q 'write OK' || fail "$1: not an admin"
	as $bob:4242 "$TRY" "unlink:$M/freezes/x" | grep -q 'unlink OK' || fail "$1: not an admin any more"
	expect_as $ada:5555 'write EPERM' "open:wr+creat+trunc:$M/freezes/@all" write:1h
}

cp /etc/group "$T/group"
echo lokt-admins:x:4242: >>"$T/group"
mount --bind "$T/group" /etc/group
lokt_start allow_other,admins=root,admins=lokt-admins
administers "the group is there"

for now in "is gone" "is another"; do
	if [ "$now" = "is gone" ]; then
		sed '$d' "$T/group" >"$T/without"
	else
		sed 's/4242/5555/' "$T/group" >"$T/without"
	fi
	cat "$T/without" >/etc/group
	lokt_die
	administers "the group $now, and a server"
	S1=$(supervisor)
	kill -KILL "$S1"
	wait_until 10 another || fail "no other supervisor while the group $now"
	lokt_started
	lokt_die
	administers "the group $now, and a supervisor"
	check "an upgrade while the group $now" "$LOKTFS" --upgrade "$M"
	lokt_started
	lokt_die
	administers "the group $now, and an upgrade"
done
lokt_stop
refute "a start with a group that is gone" "$LOKTFS" -o "state=$S,admins=lokt-admins-gone" "$M"
