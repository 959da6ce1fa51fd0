#!/usr/bin/env bash
# The mount of a user who is not root: he upgrades it, and root does; with a state directory that lies deep; and a
# server is there again once a process can be started.
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

need prlimit
others_mount

# daemon FILTER: what status.json says of it; nobody else may read it, not even root.
daemon() {
	as_user cat "$M/status.json" | jq -er ".daemon$1"
}
serves() {
	[ "$(readlink "/proc/$(daemon .pid)/exe")" = "$1" ] &&
		[ "$(readlink "/proc/$(daemon .supervisor_pid)/exe")" = "$1" ]
}
restarted() {
	[ "$(daemon .pid)" != "$1" ]
}

deep=$(printf 'a%.0s' {1..120})
mkdir -p "$T/bin" "$T/home/$deep"
cp "$LOKTFS" "$T/bin/loktfs"
cp "$LOKTFS" "$T/bin/newer"
cp "$LOKTFS" "$T/bin/roots"
chown -R $user "$T/home" "$M"
as_user "$T/bin/loktfs" -o "state=$T/home/$deep/s" "$M" </dev/null >"$T/daemon.log" 2>&1 ||
	fail "an unprivileged mount: $(cat "$T/daemon.log")"
daemon '| .pid, .supervisor_pid' >>"$T/daemons"
check "its owner upgrades it" as_user "$T/bin/newer" --upgrade "$M"
wait_until 5 serves "$T/bin/newer" || fail "the old program is still there"
check "root does" "$T/bin/roots" --upgrade "$M"
wait_until 5 serves "$T/bin/roots" || fail "the old program is still there"
daemon '| .pid, .supervisor_pid' >>"$T/daemons"

# No process can be started: who asks waits until one can.
D=$(daemon .pid)
S1=$(daemon .supervisor_pid)
before=$(as_user prlimit --pid "$S1" --nproc --noheadings --output SOFT | tr -d ' ')
check "no process" as_user prlimit --pid "$S1" --nproc=1:
kill -KILL "$D"
wait_until 5 lib_dead "$D" || fail "the server survived SIGKILL"
(sleep 0.5 && as_user prlimit --pid "$S1" --nproc="$before:") &
wait_until 10 restarted "$D" || fail "no server any more"
daemon '| .pid, .supervisor_pid' >>"$T/daemons"
D=$(daemon .pid)
check "fusermount3 -u" as_user fusermount3 -u "$M"
wait_until 10 lib_dead "$D" || fail "the daemon outlives fusermount3 -u"
