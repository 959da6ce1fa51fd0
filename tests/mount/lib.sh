# shellcheck shell=bash
# The harness of the tests on a real mount. A test is a bash script that begins with
#
#	. "$(dirname "$0")/lib.sh" || exit 1
#
# It then runs in a process group of its own, under a time limit, with
#
#	$T    a private directory, gone afterwards      $M    the mount point in it
#	$S    the state directory in it                 $L    $M/locks
#	$LOKTFS $LOKT $TRY $CROWD                       the programs of the build
#	$D    the server's process id, after lokt_start
#
# and what the functions below give. Whatever way it ends, its processes are killed (its own process
# group alone), its mounts are taken down and its daemon is gone; after a failure the ends of the
# daemon's messages and of the log are printed. Exit: 0 passed · 1 failed · 77 skipped.
#
# From outside: LOKT_BUILD, the build directory (build/ in the tree when unset); LOKT_TEST_LIMIT,
# seconds a test may take (200); LOKT_TEST_PATIENCE, how many times longer it waits for what is to come
# (1); LOKT_TEST_KEEP=1 leaves $T for a look.

set -u
export LC_ALL=C

lib_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
LOKT_BUILD=$(cd "${LOKT_BUILD:-$lib_tree/build}" && pwd) || exit 1
LOKTFS=$LOKT_BUILD/loktfs
LOKT=$LOKT_BUILD/lokt
TRY=$LOKT_BUILD/lokt-try
CROWD=$LOKT_BUILD/lokt-crowd
export LOKT_BUILD LOKTFS LOKT TRY CROWD

# ---- the outer process: limits, watches and cleans up ----

# Every mount below $T, the newest first, as mountinfo has it: a blank is \040 there.
lib_mounts() {
	awk -v t="$T/" 'index($5, t) == 1 { print $5 }' /proc/self/mountinfo | sort -r
}

# Every process that lokt_start noted and that still serves below $T.
lib_daemons() {
	local pid
	[ -f "$T/daemons" ] || return 0
	while read -r pid; do
		grep -qzF "$T/" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
	done < <(sort -u "$T/daemons")
}

# Whether a process is stopped. Only such a one is told to go on: where the leak sanitizer is at the end of a
# process it stops it by ptrace(2), and SIGCONT would take that stop away, and the sanitizer wait for ever.
lib_stopped() {
	grep -q '^State:.T (stopped)' "/proc/$1/status" 2>/dev/null
}

# Takes everything away that the test left; fails when a daemon did not end by itself.
lib_clean() {
	local mount pid tries rc=0
	kill -KILL -- "-$lib_inner" 2>/dev/null
	for pid in $(lib_daemons); do # a stopped one would hold up what follows
		! lib_stopped "$pid" || kill -CONT "$pid" 2>/dev/null
	done
	while IFS= read -r mount; do
		printf -v mount %b "${mount//\\/\\0}"
		umount "$mount" 2>/dev/null || fusermount3 -uz "$mount" 2>/dev/null ||
			umount -l "$mount"
	done < <(lib_mounts)
	for ((tries = 0; tries < 1000; tries++)); do
		[ -z "$(lib_daemons)" ] && break
		sleep 0.02
	done
	for pid in $(lib_daemons); do
		echo "the daemon ($pid) outlived its mount"
		kill -KILL "$pid"
		rc=1
	done
	return $rc
}

# What a reader of a failure wants to see.
lib_post_mortem() {
	local file
	echo "--- the daemon's messages"
	tail -n 20 "$T/daemon.log" 2>/dev/null
	echo "--- the end of the log"
	for file in $(lib_stored); do
		cat "$file"
	done 2>/dev/null | tail -n 12 | cut -c 1-400
}

# Runs the test once more, inside; never returns.
lib_outer() {
	local limit=${LOKT_TEST_LIMIT:-200} rc
	T=$(mktemp -d "${TMPDIR:-/tmp}/lokt-test.XXXXXX") || exit 1
	chmod 755 "$T"
	S=$T/s
	mkdir "$T/m" "$S"
	LOKT_TEST_DIR=$T timeout -k 5 "$limit" bash "$0" "$@" &
	lib_inner=$!
	trap 'kill -TERM "$lib_inner" 2>/dev/null' INT TERM HUP
	wait "$lib_inner"
	rc=$?
	while kill -0 "$lib_inner" 2>/dev/null; do # the wait was interrupted
		wait "$lib_inner"
		rc=$?
	done
	[ $rc -ne 124 ] && [ $rc -ne 137 ] || echo "FAIL: not done after $limit s"
	[ ! -e "$T/failed" ] || rc=1
	[ $rc -eq 0 ] || [ $rc -eq 77 ] || lib_post_mortem
	lib_clean || rc=1
	[ -n "${LOKT_TEST_KEEP-}" ] || rm -rf "$T"
	exit $rc
}

# The stored log files, oldest first: those that begin with a whole line of a log.
lib_stored() {
	find "$S" -type f 2>/dev/null | while read -r file; do
		head -n 1 "$file" 2>/dev/null |
			sed -nE "s|^\{\"seq\":([0-9]+),.*,\"h\":\"[0-9a-f]{64}\"\}\$|\1 $file|p"
	done | sort -n | cut -d' ' -f2-
}

T=${LOKT_TEST_DIR-}
if [ -z "$T" ]; then
	lib_outer "$@"
fi
M=$T/m
S=$T/s
L=$M/locks
# shellcheck disable=SC2034 # for the scripts
lib_self=$(realpath "$0")
cd "$T" || exit 1
# The harness of a test inside a test (a script that starts scripts) is its own again.
unset LOKT_TEST_DIR

# ---- saying what should be ----

# fail TEXT…: the test has failed. Works in subshells too.
fail() {
	local i=0
	while [ "${BASH_SOURCE[i + 1]##*/}" = lib.sh ]; do
		i=$((i + 1))
	done
	echo "${BASH_SOURCE[i + 1]##*/}:${BASH_LINENO[i]}: FAIL: $*"
	: >"$T/failed"
	exit 1
}

# skip TEXT…: the machine lacks something that the test needs.
skip() {
	echo "SKIP: $*"
	exit 77
}

# need PROGRAM…: skips unless all are there.
need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "no $program here"
	done
}

# own_mounts: starts the test once more in a mount namespace of its own, or skips it where there is none.
# What other tests have mounted comes along, and would last here after their end: it is taken away.
own_mounts() {
	[ "$(id -u)" = 0 ] || skip "a mount namespace needs root"
	if [ -z "${LOKT_UNSHARED-}" ]; then
		unshare -m --propagation private true 2>/dev/null || skip "no mount namespaces here"
		LOKT_UNSHARED=1 LOKT_TEST_DIR=$T exec unshare -m --propagation private bash "$lib_self"
	fi
	[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] ||
		fail "this is not a namespace of its own"
	umount -l -a -t fuse.loktfs
}

# flights shared|exclusive: starts the test once more when nobody else needs otherwise. A descriptor that is on
# its way through a socket, whosever, might be of any hold to a daemon that looks for who outlived its mount
# (fs/search.c): tests of that are shared, and those with descriptors on their way have the time for themselves.
flights() {
	[ -z "${LOKT_FLIGHTS-}" ] || return 0
	LOKT_FLIGHTS=1 LOKT_TEST_DIR=$T exec flock -o "--$1" "$LOKT_BUILD" bash "$lib_self"
}

# check DESCRIPTION COMMAND…: the command succeeds.
check() {
	local what=$1 out
	shift
	out=$("$@" 2>&1) || fail "$what
    command: $*
    said: $out"
}

# refute DESCRIPTION COMMAND…: the command runs, and fails.
refute() {
	local what=$1 out rc
	shift
	out=$("$@" 2>&1)
	rc=$?
	[ $rc -ne 0 ] || fail "$what
    command succeeded: $*
    said: $out"
	[ $rc -lt 126 ] || fail "cannot run: $*"
}

# same DESCRIPTION WANTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1
    wanted: $2
    got:    $3"
}

# within DESCRIPTION LOW HIGH NUMBER
within() {
	(($2 <= $4 && $4 <= $3)) || fail "$1: $4 is not within $2..$3"
}

# expect 'VERB RESULT' STEP…: runs lokt-try; the last line that it prints begins with these words.
expect() {
	local want=$1 got
	shift
	got=$("$TRY" "$@" 2>&1 | tail -n 1)
	case $got in
	"$want" | "$want "*) ;;
	*) fail "wanted '$want', got '$got'
    from: lokt-try $*" ;;
	esac
}

# wait_until SECONDS COMMAND…: tries until the command succeeds; false when the time is over. It is counted
# in tries, fifty a second: while the machine stands still or is busy elsewhere, none of it passes.
wait_until() {
	local tries=$(($1 * 50 * ${LOKT_TEST_PATIENCE:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		((tries-- > 0)) || return 1
		sleep 0.02
	done
}

# The time in milliseconds.
now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# ---- the daemon ----

# with_library NAME: from here on loktfs runs with lokt-NAME.so, which does as the file $T/NAME says: see NAME.c.
with_library() {
	[ -f "$LOKT_BUILD/lokt-$1.so" ] || fail "no lokt-$1.so"
	printf '#!/bin/sh\nexport ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" %s\nexec "%s" "$@"\n' \
		"LOKT_${1^^}='$T/$1' LD_PRELOAD='$LOKT_BUILD/lokt-$1.so'" "$LOKTFS" >"$T/loktfs"
	chmod +x "$T/loktfs"
	LOKTFS=$T/loktfs
}

# dying WHAT SIDE COUNT [AGAIN]: when the server is to die; see dying.c.
dying() {
	printf '%s %s %05d %05d\n' "$1" "$2" "$3" "${4:-0}" 1<>"$T/dying"
}

# Is something mounted at $M?
mounted() {
	grep -qF " $M " /proc/self/mountinfo
}

# reads_at_end PID: it has a file of the mount open, and is behind its beginning there.
reads_at_end() {
	local fd
	for fd in "/proc/$1/fd"/*; do
		[[ $(readlink "$fd") = "$M"/* ]] && grep -q '^pos:[[:space:]]*[1-9]' "/proc/$1/fdinfo/${fd##*/}" &&
			return
	done
	return 1
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

# lokt_start [OPTION,…]: mounts at $M, with its state in $S; sets D.
lokt_start() {
	"$LOKTFS" -o "state=$S${1:+,$1}" "$M" </dev/null >>"$T/daemon.log" 2>&1 ||
		fail "loktfs does not start: $(tail -n 3 "$T/daemon.log")"
	lokt_started
}

# Notes the daemon that serves $M by now, for the cleaning; sets D.
lokt_started() {
	D=$(jq -er .daemon.pid "$M/status.json" 2>&1) || fail "no daemon.pid in status.json: $D"
	jq -r '.daemon | .pid, .supervisor_pid' "$M/status.json" >>"$T/daemons"
}

# lokt_die [SIGNAL]: the server dies, and another goes on; sets D.
lokt_die() {
	kill "-${1:-KILL}" "$D" || fail "no server $D to kill"
	wait_until 5 lib_dead "$D" || fail "the server survived SIG${1:-KILL}"
	lokt_started
}

# lib_dead PID: it has given back all that it had; nobody need have waited for it yet.
lib_dead() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	[[ ${stat##*) } == Z* ]]
}

# Has everything of the daemon ended?
lokt_ended() {
	! mounted && lib_dead "$D"
}

# lokt_stop: ends the daemon as an administrator would, and waits until it is gone.
lokt_stop() {
	kill -TERM "$D" || fail "no daemon $D to stop"
	wait_until 10 lokt_ended || fail "the daemon did not end within 10 s of SIGTERM"
}

# lokt_slay: the daemon dies of SIGKILL, with everything that would bring it back; its mount stays, dead.
lokt_slay() {
	local pid pids
	[ ! -r "$M/status.json" ] || lokt_started
	mapfile -t pids < <(lib_daemons)
	kill -STOP "${pids[@]}" # each would start the other again
	kill -KILL "${pids[@]}"
	for pid in "${pids[@]}"; do
		wait_until 5 lib_dead "$pid" || fail "the daemon survived SIGKILL"
	done
}

# lokt_kill: the same, and the mount is cleared.
lokt_kill() {
	lokt_slay
	fusermount3 -uz "$M" 2>/dev/null || umount -l "$M" || fail "cannot clear the dead mount"
}

# ---- holders and waiters in the background ----

declare -A lib_out=()
lib_count=0
lib_as=() # what makes somebody else of the processes of take; see others.sh

# take VAR SPEC [FLAGS]: opens locks/SPEC in the background, with lokt-try's FLAGS (rw). VAR gets the
# process id; `said $VAR` shows what came of it; once it holds, it keeps the lock until let_go. The
# script's own locks, descriptors 3 to 9, are not inherited. Between close and exit it waits for the
# daemon: close(2) returns before that hears of it, and what it then sees might be "exited".
take() {
	local -n lib_var=$1
	lib_count=$((lib_count + 1))
	"${lib_as[@]}" "$TRY" "open:${3:-rw}:$L/$2" pause close "settle:$M" >"$T/out.$lib_count" 2>&1 \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	lib_var=$!
	lib_out[$lib_var]=$T/out.$lib_count
}

# hold VAR SPEC [FLAGS]: take, and wait until it holds.
hold() {
	take "$@"
	lib_granted "${!1}"
}

# queue VAR SPEC [FLAGS]: take, and wait until it stands in the queue (a group in that of each name).
queue() {
	take "$@"
	wait_until 5 lib_waits "${!1}" "${2%%[@+]*}" || fail "'$2' does not wait: $(said "${!1}")"
}

# granted PID…: each is granted within five seconds.
granted() {
	local pid
	for pid in "$@"; do
		lib_granted "$pid"
	done
}

lib_granted() {
	wait_until 5 grep -q '^open OK' "${lib_out[$1]}" || fail "not granted: $(said "$1")"
}

lib_waits() {
	local text
	text=$(<"$M/status/$2.json")
	text=${text//[[:space:]]/}
	text=${text#*\"waiters\":[}
	[[ ${text%\"freeze\":*} =~ \"pid\":$1[,\}] ]]
}

# said PID: what a process of take printed.
said() {
	cat "${lib_out[$1]}"
}

# refused PID ERRNO: a process of take got this error, within five seconds.
refused() {
	wait_until 5 grep -q '^open' "${lib_out[$1]}" || fail "neither granted nor refused"
	case $(said "$1") in
	"open $2 "*) ;;
	*) fail "wanted $2, got: $(said "$1")" ;;
	esac
}

# let_go PID…: each closes its descriptor and ends.
let_go() {
	local pid
	for pid in "$@"; do
		kill -USR1 "$pid"
		wait "$pid" || fail "the holder ended badly: $(said "$pid")"
	done
}

# die SIGNAL PID: kills one of the test's own processes and waits for its end.
die() {
	kill "-$1" "$2"
	wait "$2" 2>/dev/null
	return 0
}

# ---- looking ----

# status NAME FILTER [JQ-OPTION…]: of status/NAME.json, what the filter says.
status() {
	jq -r "${@:3}" "$2" "$M/status/$1.json"
}

# state_is NAME STATE
state_is() {
	local text
	text=$(<"$M/status/$1.json")
	[[ ${text//[[:space:]]/} = *"\"state\":\"$2\""* ]]
}

# events FILTER [JQ-OPTION…]: the lines of the audit log for which the filter is true.
events() {
	jq -c "${@:2}" "select($1)" "$M/audit.jsonl"
}

# count FILTER [JQ-OPTION…]: how many those are.
count() {
	events "$@" | wc -l
}

# happened FILTER [JQ-OPTION…]: there is such an event.
happened() {
	[ "$(count "$@")" -gt 0 ]
}

# stored_log: the log as it lies in $S, for when the daemon is gone.
stored_log() {
	local file
	for file in $(lib_stored); do
		cat "$file"
	done
}

# verify_chain FILE [FIRST]: every line's h is the SHA-256 of prev and the line without its h, every
# prev is the h before, and seq counts up by one. The first prev is FIRST (GENESIS), '*' for any.
#
# "`h` is the hex SHA-256 of `prev` followed by the line's own bytes with its last member
# `,"h":"…"` taken out; the first `prev` is `GENESIS`."
verify_chain() {
	local dir=$T/chain.$BASHPID bad
	mkdir "$dir"
	bad=$(awk -v dir="$dir" -v before="${2:-GENESIS}" '
		{ tail = substr($0, length($0) - 71) }
		substr(tail, 1, 6) != ",\"h\":\"" || substr(tail, 71) != "\"}" {
			print "line " NR " does not end with h: " $0
			exit
		}
		{ h = substr(tail, 7, 64); body = substr($0, 1, length($0) - 72) "}" }
		!match(body, /,"prev":"[0-9a-fGENSI]*"}$/) {
			print "line " NR " has no prev before its h: " $0
			exit
		}
		{ prev = substr(body, RSTART + 9, RLENGTH - 11) }
		before != "*" && prev != before {
			print "line " NR ": prev is not the h before: " $0
			exit
		}
		!match($0, /^\{"seq":[0-9]+,/) {
			print "line " NR " does not begin with seq: " $0
			exit
		}
		{ seq = substr($0, 8, RLENGTH - 8) + 0 }
		NR > 1 && seq != last + 1 {
			print "line " NR ": seq is not one more than " last ": " $0
			exit
		}
		{
			before = h
			last = seq
			file = sprintf("%s/%08d", dir, NR)
			printf "%s%s", prev, body >file
			close(file)
			print h "  " file >(dir "/sums")
		}
	' "$1")
	[ -z "$bad" ] || fail "the chain of $1: $bad"
	[ -s "$dir/sums" ] || fail "the chain of $1: there are no lines"
	bad=$(sha256sum --check --quiet "$dir/sums" 2>&1 | head -n 1)
	[ -z "$bad" ] || fail "the chain of $1: line $((10#$(basename "${bad%%:*}"))) was changed"
	rm -rf "$dir"
}
