# shellcheck shell=bash
# What the tests of the mosaic ask of its processes and files. Sourced after lib.sh. Each mosaic is
# painted in $T/NAME under the lock NAME, so that the log tells them apart.

# running NAME: the process ids of those of lokt and loktfs that have $T/NAME in their command line,
# as all that a demo starts has.
running() {
	local file pid
	for file in $(grep -lzF "$T/$1" /proc/[0-9]*/cmdline 2>/dev/null); do
		pid=${file%/cmdline}
		case $(readlink "$pid/exe") in
		"$LOKT" | "$LOKTFS") echo "${pid#/proc/}" ;;
		esac
	done
}

# nobody NAME: no such process, nor a mount below the directory, nor a holder, nor a waiter.
nobody() {
	[ -z "$(running "$1")" ] && ! grep -qF " $T/$1/" /proc/self/mountinfo &&
		[ "$(status "$1" '"\(.holder) \(.waiters)"')" = 'null []' ]
}

# left NAME: fails unless soon there is nobody.
left() {
	wait_until 10 nobody "$1" || fail "$1: somebody is left: $(ps -o pid,stat,args -p \
		"$(running "$1" | xargs)" 2>&1; grep -F " $T/$1/" /proc/self/mountinfo
	status "$1" '"\(.holder) \(.waiters)"')"
}

# tiles NAME: how many are in the ledger. begun NAME N: at least N.
tiles() {
	wc -l 2>/dev/null <"$T/$1/mosaic.ledger.jsonl" || echo 0
}

begun() {
	[ "$(tiles "$1")" -ge "$2" ]
}

# workers PID, others PID: those children of a coordinator that paint, and those that do not.
workers() {
	pgrep -P "$1" -x lokt-painter
}

others() {
	pgrep -P "$1" | grep -vxF "$(workers "$1")"
}
