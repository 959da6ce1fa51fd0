#!/usr/bin/env bash
# A start that may not open, write or map what it takes says so in one line, and leaves no mount.
#
# "It returns when the mount is usable, and with a line on standard error and a non-zero code when it is not."
. "$(dirname "$0")/lib.sh" || exit 1

need prlimit

# start FLAG LIMIT PATTERN: serves under this limit of ulimit, or is refused with a line that says PATTERN.
start() {
	local rc
	(ulimit "$1" "$2" && exec timeout 20 "$LOKTFS" -o "state=$S" "$M") </dev/null 2>&1 | cat >"$T/out"
	rc=${PIPESTATUS[0]}
	if [ $rc -eq 0 ]; then
		starts=$((starts + 1))
		lokt_started
		check "ulimit $1 $2: it serves" "$TRY" "open:rw:$L/x@try" close
		lokt_stop
		return
	fi
	refusals=$((refusals + 1))
	within "ulimit $1 $2: how it ended" 1 123 $rc
	! mounted || fail "ulimit $1 $2: mounted, and nobody serves"
	same "ulimit $1 $2: lines" 1 "$(wc -l <"$T/out")"
	grep -q "^loktfs: .*$3" "$T/out" || fail "ulimit $1 $2: unclear: $(cat "$T/out")"
}
# limits FLAG PATTERN LIMIT…: some are too little and some are enough.
limits() {
	local limit
	starts=0 refusals=0
	for limit in "${@:3}"; do
		start "$1" "$limit" "$2"
	done
	within "ulimit $1: starts" 1 99 $starts
	within "ulimit $1: refusals" 1 99 $refusals
}

limits -n 'ulimit -n' {4..20} 24 32 40 48 64 96 127 128 256
limits -f 'ulimit -f' 0 1 8 64 2048 100000 1000000 1800000 4000000
if (ulimit -v 200000 && "$LOKTFS" --version) >/dev/null 2>&1; then # no sanitizer needs more
	limits -v 'ulimit -v' 50000 100000 1000000 1900000 4000000
fi

# A soft limit that may be raised is.
(ulimit -S -n 20 && exec "$LOKTFS" -o "state=$S" "$M") || fail "a soft limit of open files"
lokt_started
lokt_die
lokt_stop

# In the foreground too; and once it serves, files that may not grow are a disk that is full.
(ulimit -f 100000 && exec timeout 20 "$LOKTFS" -f -o "state=$S" "$M") </dev/null >"$T/out" 2>&1 &&
	fail "in the foreground: it ends well"
same "in the foreground: lines" 1 "$(wc -l <"$T/out")"
lokt_start
exec 9<>"$L/x"
prlimit --pid "$D" --fsize="$(stat -c %s "$(lib_stored | tail -n 1)"):"
expect 'open EIO' "open:rw:$L/y@try"
same "the server" "$D" "$(jq .daemon.pid "$M/status.json")"
same "the hold" held "$(jq -rs '.[].state' <&9)"
prlimit --pid "$D" --fsize=unlimited:
wait_until 10 "$TRY" "open:rw:$L/y@try" close || fail "it does not grant again"
exec 9>&-
lokt_stop

# One that is killed as it begins.
with_library dying
dying a b 1
"$LOKTFS" -o "state=$S" "$M" </dev/null >"$T/out" 2>&1 && fail "killed as it begins: it serves"
tail -n 1 "$T/out" | grep -q '^loktfs: .*died as it began: Killed' || fail "killed as it begins: unclear: $(cat "$T/out")"
! mounted || fail "killed as it begins: it is mounted"
