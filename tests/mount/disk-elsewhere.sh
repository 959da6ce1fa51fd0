#!/usr/bin/env bash
# The way to the state directory leads elsewhere, or the log is not in it, when the server dies: what was granted is in
# the log that is not there, so nobody is granted anything until it is, and then all goes on.
#
# "`EIO`: the log cannot be written: nothing is granted that could not be remembered"; "`token` is the fencing token: a
# 64-bit integer that grows with every grant, across names, restarts and reboots."
. "$(dirname "$0")/lib.sh" || exit 1

own_mounts
need jq
serves() {
	jq -e . "$M/status.json"
}
# begin: a daemon, a hold, a lease and a freeze.
begin() {
	lokt_start
	exec 9<>"$L/x"
	token=$(jq -s '.[].token' <&9)
	: >"$M/leases/leased"
	echo 1h >"$M/freezes/frozen"
	file=$(lib_stored | tail -n 1)
	file=${file##*/}
}
# dies WHAT: the server does, and nobody is granted anything by the next.
dies() {
	kill -KILL "$D"
	wait_until 5 lib_dead "$D" || fail "$1: it lives"
	for spec in x@try y@try leased@try; do
		"$TRY" "open:rw:$L/$spec" >"$T/try" 2>&1
		grep -q '^open OK' "$T/try" && fail "$1: $spec is granted"
	done
}
# whole WHAT: all goes on.
whole() {
	wait_until 30 "$TRY" "open:rw:$L/y@try" close || fail "$1: no service"
	lokt_started
	same "$1: the hold" "$token held" "$(jq -rs '"\(.[].token) \(.[].state)"' <&9)"
	check "$1: renewed" eval 'echo renew >&9'
	state_is leased held || fail "$1: not leased"
	state_is frozen frozen || fail "$1: not frozen"
	cat "$M/audit.jsonl" >"$T/log"
	verify_chain "$T/log"
	same "$1: one log" 0 "$(count '.event == "corrupt-break"')"
	exec 9>&-
	rm "$M/freezes/frozen" "$M/leases/leased"
}

# The files of the log are moved away, and come back.
begin
mkdir "$T/away"
mv "$S"/log.* "$T/away"
dies "no files"
mv "$T/away"/* "$S"
whole "no files"
lokt_stop

# All files are, into a directory in there.
begin
mkdir "$S/away"
mv "$S"/log.* "$S"/lock "$S"/tokens "$S"/end "$S/away"
dies "nothing"
mv "$S/away"/* "$S"
whole "nothing"
lokt_stop

# What is there is another log: older, and longer.
mv "$S" "$T/old"
mkdir -m 700 "$S"
begin
mv "$S" "$T/new"
mv "$T/old" "$S"
dies "another log"
mv "$S" "$T/old"
mv "$T/new" "$S"
whole "another log"
lokt_stop

# Its file system is unmounted while it is used; what is underneath is empty.
mount --bind "$T/old" "$S" || skip "nothing can be mounted here"
begin
umount -l "$S"
dies "an unmounted directory"
mount --bind "$T/old" "$S"
whole "an unmounted directory"
lokt_stop
umount "$S"
