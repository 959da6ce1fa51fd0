#!/usr/bin/env bash
# However the path of the mount is written: a hold whose process still has its descriptor is kept through one
# death of all of Lokt after the other, and an upgrade finds the mount.
#
# "until none has, its TTL passes, or somebody breaks it"
. "$(dirname "$0")/lib.sh" || exit 1
flights shared
. "${lib_self%/*}/orphans-lib.sh" || exit 1

# identity: which mount the log says that the last daemon served.
identity() {
	stored_log | jq -r 'select(.mount) | .mount' | tail -n 1
}

# spelt HOW: the daemon dies, is started by this path, upgraded by it, and dies again.
spelt() {
	local how=$1
	lokt_slay
	check "start by '$how'" "$LOKTFS" -o "state=$S" -- "$how"
	lokt_started
	kept x "$keeper"
	child newer y
	[[ $(identity) =~ ^[0-9]+:[0-9]+/[0-9]+( |@|$) ]] || fail "by '$how' the log says '$(identity)'"
	check "upgrade by '$how'" "$LOKTFS" --upgrade -- "$how"
	lokt_slay
	check "clear" fusermount3 -uz "$M"
	check "start" "$LOKTFS" -o "state=$S" "$M"
	lokt_started
	kept x "$keeper"
	kept y "$newer"
	queue next y
	die KILL "$newer"
	granted "$next"
	let_go "$next"
}

ln -s "$M" "$T/link"
ln -s link "$T/link to link"
lokt_start
child keeper x
for how in "$M/" "$T//m" m "./m//" "m/." "m/../m" "../${T##*/}/m/" link "$T/link/" "link to link"; do
	spelt "$how"
done

# A server that begins while something else is mounted there knows whom it serves.
if [ "$(id -u)" = 0 ]; then
	was=$(identity)
	was=${was%% *}
	mount -t tmpfs none "$M" || fail "no tmpfs"
	kill -KILL "$D"
	wait_until 5 eval '[[ "$(stored_log | jq -r "select(.signal == 9) | .mount" | tail -n 1)" = "$was "* ]]' ||
		fail "it takes itself for $(identity), and is $was"
	umount "$M"
	lokt_started
fi
die KILL "$keeper"
lokt_stop

# What mountinfo writes in another way.
M="$T/a b	c
d\\e#f\\040g"
L=$M/locks
mkdir "$M"
mounted() {
	grep -qF ' /a\040b' <(sed "s|$T||" /proc/self/mountinfo)
}
lokt_start
child keeper x
spelt "a b	c
d\\e#f\\040g/"
die KILL "$keeper"
lokt_stop
