#!/usr/bin/env bash
# Holds that outlived their mount in processes that are hard to see, or not to be seen at all.
#
# "what cannot be seen (another pid namespace) stays until TTL or break, and `doctor` lists it"
. "$(dirname "$0")/lib.sh" || exit 1
flights shared
. "${lib_self%/*}/orphans-lib.sh" || exit 1

[ "$(id -u)" = 0 ] || skip "other namespaces need root"
need unshare nsenter
unshare -pf true 2>/dev/null && unshare -m true 2>/dev/null || skip "no namespaces here"

# inside COMMAND…: runs it in a mount namespace of its own, in the background, with the mounts that it makes; it is
# killed at the end. Waits until it says OK.
inside() {
	inside_count=$((${inside_count:-0} + 1))
	unshare -m --propagation private bash -c "$1" inside "$TRY" "$T" >"$T/inside.$inside_count" 2>&1 &
	insider=$!
	wait_until 5 grep -q '^open OK' "$T/inside.$inside_count" ||
		fail "not granted: $(cat "$T/inside.$inside_count")"
}

# ---- other mounts of it ----
mkdir "$T/root" "$T/locks"
: >"$T/file"
lokt_start
inside 'exec "$1" "open:rw:$2/m/locks/copied" pause'
copied=$insider
inside 'mount --bind "$2/m" "$2/root" && exec "$1" "open:rw:$2/root/locks/bound" pause'
bound=$insider
inside 'mount --bind "$2/m/locks" "$2/locks" && exec "$1" "open:rw:$2/locks/dir" pause'
dir=$insider
inside 'mount --bind "$2/m/locks/one" "$2/file" && exec "$1" "open:rw:$2/file" pause'
one=$insider
inside 'exec 9<>"$2/m/locks/left" && umount -l "$2/m" && echo open OK && sleep 100'
left=$insider
inside 'mount --bind "$2/m/locks" "$2/locks" && exec 9<>"$2/locks/apart" && umount -l "$2/locks" "$2/m" &&
	echo open OK && sleep 100'
apart=$insider
again kill
for name in copied bound dir one left; do
	kept $name "${!name}"
done
same "of what has no name any more" true "$(status apart .holder.orphan)"
kill "$apart" # its descriptor might have been of any
kill "$copied"
wait_until 5 state_is copied free || fail "copied stays"
queue next one
kill "$one"
granted "$next"
let_go "$next"
kill "$bound" "$dir" "$left"
for name in copied bound dir left apart; do
	wait_until 5 state_is $name free || fail "$name stays"
done

# Another mount's lock of the same name is another lock.
mkdir "$T/m2" "$T/s2"
"$LOKTFS" -o "state=$T/s2" "$T/m2" </dev/null >>"$T/daemon.log" 2>&1 || fail "no second mount"
hold mine same
"$TRY" "open:rw:$T/m2/locks/same" pause >"$T/theirs" 2>&1 &
theirs=$!
wait_until 5 grep -q '^open OK' "$T/theirs" || fail "no second lock"
again kill die KILL "$mine"
jq '.daemon | .pid, .supervisor_pid' "$T/m2/status.json" >>"$T/daemons"
wait_until 5 state_is same free || fail "another mount's counts"
umount "$T/m2" 2>/dev/null || umount -l "$T/m2"
kill "$theirs"

# ---- other pid namespaces ----
# Below ours the daemon sees who it is.
unshare -pf --kill-child "$TRY" "open:rw:$L/below" pause >"$T/below" 2>&1 &
outer=$!
wait_until 5 grep -q '^open OK' "$T/below" || fail "not granted: $(cat "$T/below")"
read -r inner _ <"/proc/$outer/task/$outer/children"
again kill
kept below "$inner"
kill -KILL "$inner"
wait_until 5 state_is below free || fail "below stays"
wait $outer 2>/dev/null
lokt_stop

# unseen NAME: its hold stays, and it is said that nobody can be seen to have it.
unseen() {
	same "$1 stays" "held true null" "$(status "$1" '"\(.state) \(.holder.orphan) \(.holder.kept_by)"')"
	happened '.event == "recover" and .name == $n and .detail == "its holder cannot be seen"' \
		--arg n "$1" || fail "it is not said of $1"
	refute "nobody else gets $1" "$TRY" "open:rw:$L/$1@try"
}
# elsewhere FLAG…: a daemon in a pid namespace of its own; sets `place`, its first process.
elsewhere() {
	rm -f "$T/stay"
	mkfifo "$T/stay"
	unshare -pf --kill-child "$@" bash -c '
		"$LOKTFS" -o "state=$1" "$2" </dev/null >>"$3" 2>&1
		echo $? >"$4"; read -r _ <"$5"' bash "$S" "$M" "$T/daemon.log" "$T/mounted" "$T/stay" &
	outer=$!
	wait_until 10 test -s "$T/mounted" || fail "it does not mount"
	same "it mounts" 0 "$(cat "$T/mounted")"
	rm "$T/mounted"
	read -r place _ <"/proc/$outer/task/$outer/children"
}
# leave: everything in it dies at once.
leave() {
	kill -KILL "$place"
	wait $outer 2>/dev/null
	umount -l "$T/m" 2>/dev/null
	M=$T/m L=$M/locks
}

# It does not know us: what we hold stays, whoever starts next, until its TTL or a break.
rm -rf "${S:?}"/*
elsewhere
hold ours ours
hold short short@ttl=2s
nsenter -t "$place" -p "$TRY" "open:rw:$L/theirs" pause >"$T/theirs" 2>&1 &
wait_until 5 grep -q '^open OK' "$T/theirs" || fail "not granted: $(cat "$T/theirs")"
leave
lokt_start
unseen ours
die KILL "$ours"
wait_until 5 state_is theirs free || fail "who was seen there is gone with it"
take next short # in the queue, unless the two seconds are over
granted "$next"
let_go "$next" 2>/dev/null
unseen ours
"$LOKT" --mount "$M" doctor | grep -q "^note *holders *ours .*cannot be seen.*rm '$L/ours@token=" ||
	fail "doctor does not list it: $("$LOKT" --mount "$M" doctor)"
check "it is broken" rm "$L/ours@token=$(status ours .holder.token)"
expect 'open OK' "open:rw:$L/ours@try"

# The next one cannot see what the one before saw.
hold ours ours
lokt_kill
elsewhere -m --mount-proc
M=/proc/$place/root$M L=$M/locks
unseen ours
die KILL "$ours"
sleep 1.2 # it does not look
unseen ours
leave
# And whoever sees all sees that it is gone.
lokt_start
wait_until 5 state_is ours free || fail "nobody has it"
