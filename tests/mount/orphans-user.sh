#!/usr/bin/env bash
# Holds that outlived the mount of a user who is not root, and who may not look into others' processes.
#
# "what cannot be seen (another pid namespace) stays until TTL or break"
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1
flights shared

others_mount

# start: the user's daemon; kill_all: both of it, and the mount.
start() {
	as_user "$T/bin/loktfs" "$M" </dev/null >>"$T/daemon.log" 2>&1 || fail "$(cat "$T/daemon.log")"
	as_user jq -r '.daemon | .pid, .supervisor_pid' "$M/status.json" >"$T/daemons"
}
kill_all() {
	local pids
	mapfile -t pids <"$T/daemons"
	kill -STOP "${pids[@]}"
	kill -KILL "${pids[@]}"
	wait_until 5 lib_dead "${pids[0]}" || fail "the daemon survives"
	as_user fusermount3 -uz "$M" || fail "cannot clear the dead mount"
}
# of NAME FILTER: of its status, as only the user may read it.
of() {
	as_user cat "$M/status/$1.json" | jq -r "$2"
}
is_free() {
	[ "$(of "$1" .state)" = free ]
}
# opener VAR NAME COMMAND…: a process that the user runs with NAME open.
opener() {
	local -n user_pid=$1
	as_user bash -c 'exec 9<>"$1" && echo $$ >"$2" && shift 2 && exec "$@"' bash "$L/$2" \
		"$T/home/$2" "${@:3}" >/dev/null 2>&1 &
	wait_until 5 test -s "$T/home/$2" || fail "$2 is not granted"
	user_pid=$(<"$T/home/$2")
}

start
opener mine mine sleep 100
opener ended ended sleep 100
kill_all
kill -KILL "$ended"
wait_until 5 gone "$ended" || fail "it lives"
start
same "the user's own process" "true $mine" "$(of mine '"\(.holder.orphan) \(.holder.kept_by)"')"
# Root's processes that began later may have inherited a descriptor, as far as the user can see.
[ "$(of ended .state)" = free ] || same "nobody is seen" "true null" \
	"$(of ended '"\(.holder.orphan) \(.holder.kept_by)"')"
# But when the mount is gone with its last descriptor, nobody has one.
kill -KILL "$mine"
wait_until 5 is_free mine || fail "mine stays: $(of mine .holder)"
wait_until 5 is_free ended || fail "ended stays: $(of ended .holder)"

kill_all
