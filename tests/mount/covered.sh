#!/usr/bin/env bash
# Something else is mounted over a mount that is in use, or it lives on where it was bound to alone: its processes, and
# those which come after them, know which mount is theirs.
#
# "until none has, its TTL passes, or somebody breaks it"
. "$(dirname "$0")/lib.sh" || exit 1
flights shared
. "${lib_self%/*}/orphans-lib.sh" || exit 1

own_mounts # a mount can be moved there, whatever else is shared
there=$M
tmpfs() {
	mount --bind "$there" "$T/b" && another_over_it
}
unmount() {
	mount --bind "$there" "$T/b" && umount -l "$there"
}
move() {
	mount --move "$there" "$T/b" && another_over_it
}
another_over_it() {
	mount -t tmpfs none "$there" && : >"$there/data"
}
# cover HOW: a mount that is at $T/b by now, where M is from here on; at its own place it is hidden, or no more.
cover() {
	lokt_start
	mkdir -p "$T/b"
	"$1" || fail "it cannot be covered: $1"
	at "$T/b"
}
at() {
	M=$1
	L=$M/locks
}
# uncover: takes away what there is, and what was hidden too.
uncover() {
	umount -l "$M" "$there" "$there" 2>/dev/null
	at "$there"
}
supervisor() {
	jq .daemon.supervisor_pid "$M/status.json"
}
# both_die: the server, and then the supervisor; others take their places.
both_die() {
	local before
	lokt_die
	before=$(supervisor)
	kill -KILL "$before"
	wait_until 10 eval '[ "$(supervisor)" != '"$before"' ] && ! lib_dead "$(supervisor)"' || fail "no new supervisor"
	lokt_started
	lokt_die
}

for how in tmpfs unmount move; do
	cover $how
	child keeper x
	both_die
	check "$how: an upgrade, where it is by now" "$LOKTFS" --upgrade "$M"
	lokt_started
	lokt_slay
	uncover
	lokt_start
	kept x "$keeper"
	die KILL "$keeper"
	lokt_stop

	# It takes nothing away that is not its own.
	cover $how
	both_die
	kill -TERM "$D"
	wait_until 10 lib_dead "$D" || fail "$how: it does not end"
	[ $how = unmount ] || [ -e "$there/data" ] || fail "$how: it has unmounted what was mounted over it"
	uncover
done
