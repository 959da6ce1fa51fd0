#!/usr/bin/env bash
# Openers in other namespaces: of processes, of which one side cannot see the other, and of users.
#
# "`bind=pid`: … opener unknown: `EINVAL`", "Anything unreadable: no `EDEADLK`"
. "$(dirname "$0")/lib.sh" || exit 1

[ "$(id -u)" = 0 ] || skip "other namespaces need root"
need unshare nsenter
unshare -pf true 2>/dev/null || skip "no pid namespaces here"

# ---- the mount is ours, the openers are elsewhere ----
lokt_start

# In a pid namespace below ours the daemon sees who it is.
unshare -pf --kill-child "$TRY" "open:rw:$L/below" pause >"$T/below" 2>&1 &
outer=$!
wait_until 5 grep -q '^open OK' "$T/below" || fail "not granted: $(cat "$T/below")"
read -r inner _ <"/proc/$outer/task/$outer/children"
same "who it is, seen from here" "$inner alive" \
	"$(status below '"\(.holder.pid) \(.holder.pid_status)"')"
queue next below
kill -KILL "$inner"
granted "$next"
same "how it ended" "auto-prune killed 9" \
	"$(events '.name == "below" and .event == "auto-prune"' | jq -r '"\(.event) \(.reason) \(.signal)"')"
let_go "$next"
wait $outer 2>/dev/null

# In another user namespace it is the same user, whatever it calls itself there.
if unshare -U true 2>/dev/null; then
	for flags in -U -Ur; do
		: >"$T/user"
		unshare $flags "$TRY" "open:rw:$L/user@ttl=1h" write:renew pause close "settle:$M" >"$T/user" &
		holder=$!
		wait_until 5 grep -q '^write' "$T/user" || fail "not granted: $(cat "$T/user")"
		grep -q '^write OK' "$T/user" || fail "no renewal: $(cat "$T/user")"
		same "unshare $flags: the holder" "$holder 0" \
			"$(status user '"\(.holder.pid) \(.holder.uid)"')"
		queue next user
		kill -USR1 $holder
		granted "$next"
		wait $holder || fail "the holder: $(cat "$T/user")"
		let_go "$next"
	done
	same "released in order" 4 "$(count '.name == "user" and .event == "release"')"
fi
lokt_stop

# ---- the mount is elsewhere, we are the openers ----

# elsewhere FLAG…: a daemon at $M in a pid namespace of its own; sets `place`, its first process.
elsewhere() {
	rm -f "$T/stay"
	mkfifo "$T/stay"
	unshare -pf --kill-child "$@" bash -c '
		# In mounts of its own those of other tests would last after their end.
		[ "$(readlink /proc/self/ns/mnt)" = "$6" ] || umount -l -a -t fuse.loktfs
		"$LOKTFS" -o "$1" "$2" </dev/null >>"$3" 2>&1
		echo $? >"$4"; read -r _ <"$5"' bash "state=$S,deadlock_timeout=100ms" "$M" \
		"$T/daemon.log" "$T/mounted" "$T/stay" "$(readlink /proc/self/ns/mnt)" &
	outer=$!
	wait_until 10 test -s "$T/mounted" || fail "it does not mount"
	same "it mounts" 0 "$(cat "$T/mounted")"
	rm "$T/mounted"
	read -r place _ <"/proc/$outer/task/$outer/children"
}
# leave: the mount goes, and its namespace with it.
leave() {
	if mounted; then
		umount "$M"
	else
		nsenter -t "$place" -m umount "$M"
	fi || fail "cannot unmount"
	echo >"$T/stay"
	wait_until 10 gone $outer || fail "its namespace stays"
	wait $outer 2>/dev/null
}
# strangers: what those are served whom the daemon cannot see.
strangers() {
	hold holder x
	same "$1: nobody that it knows" "0 unknown" \
		"$(status x '"\(.holder.pid // 0) \(.holder.pid_status)"')"
	expect 'open EAGAIN' "open:rw:$L/x@try"
	expect 'open EINVAL' "open:rw:$L/y@bind=pid"
	expect 'close OK' "open:rw:$L/y@bind=fd,ttl=5s" write:renew close
	# A wait, a time-out, an interruption.
	take next x
	waits() {
		[ "$(status x '.waiters | length')" = "$1" ]
	}
	wait_until 5 waits 1 || fail "$1: nobody waits"
	expect 'open ETIMEDOUT' "open:rw:$L/x@timeout=100ms"
	take killed x
	wait_until 5 waits 2 || fail "$1: nobody waits"
	die KILL "$killed"
	wait_until 5 waits 1 || fail "$1: the dead wait on"
	# Released on close, and on death.
	let_go "$holder"
	granted "$next"
	die KILL "$next"
	wait_until 5 state_is x free || fail "$1: the dead hold on"
	same "$1: each end is told" 2 "$(count '.name == "x" and (.event == "release"
		or (.event == "auto-prune" and .reason == "unknown"))')"
	# Nobody is called a deadlock who cannot be looked at.
	hold one a
	: >"$T/two"
	"$TRY" "open:rw:$L/b" pause "open:rw:$L/a@timeout=1s" >"$T/two" &
	two=$!
	wait_until 5 grep -q '^open OK' "$T/two" || fail "$1: not granted"
	kill -USR1 $two
	wait_until 5 gone $two || fail "$1: it waits for ever"
	same "$1: no cycle" ETIMEDOUT "$(sed -n '2s/^open \([A-Z]*\).*/\1/p' "$T/two")"
	let_go "$one"
	expect 'open ETIMEDOUT' "open:rw:$L/a" "open:rw:$L/a@timeout=500ms"
	same "$1: no deadlock" 0 "$(count '.event == "deny" and .reason == "deadlock"')"
	same "$1: all is free" "" "$(ls -A "$L")"
	cat "$M/audit.jsonl" >"$T/log"
	verify_chain "$T/log"
}

# insider: who is in the daemon's own namespace is held, renewed, killed and told as anybody.
insider() {
	: >"$T/in"
	nsenter -t "$place" -p -m "$TRY" "open:rw:$T/m/locks/in@bind=pid" pause >"$T/in" 2>&1 &
	local outside=$! inside
	wait_until 5 grep -q '^open OK' "$T/in" || fail "$1: not granted: $(cat "$T/in")"
	read -r inside _ <"/proc/$outside/task/$outside/children"
	same "$1: its number, seen from there" "$(awk '/^NSpid/ { print $NF }' "/proc/$inside/status")" \
		"$(status in .holder.pid)"
	# Its start is that of the process that has this number in a /proc of its own, and else unknown.
	[ "$1" = "a /proc of its own" ] || same "$1: its start" 0 "$(status in .holder.pid_start_ns)"
	{
		kill -KILL "$inside"
		wait_until 5 state_is in free || fail "$1: a dead insider holds on"
		wait $outside
	} 2>/dev/null
	happened '.name == "in" and .event == "auto-prune" and (.reason | IN("killed", "unknown"))' ||
		fail "$1: how it ended"
}

# Its /proc is its own: it does not know us.
elsewhere -m --mount-proc
M=/proc/$place/root$M L=$M/locks
strangers "a /proc of its own"
insider "a /proc of its own"
M=$T/m L=$M/locks
leave

# Its /proc is ours, where its numbers mean others: it does not mistake them.
rm -rf "${S:?}"/*
elsewhere
strangers "a /proc of another's"
insider "a /proc of another's"
leave
