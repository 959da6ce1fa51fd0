#!/usr/bin/env bash
# The daemon's command line.
#
# "`loktfs [-f] [-d] [-o OPTIONS] [SOURCE] MOUNTPOINT`: SOURCE and the generic options (`rw`, `dev`,
# `suid`, `nofail`, `_netdev`, `x-*`) are accepted and ignored,", "It returns once the mount serves.
# Default `nosuid,nodev`, `subtype=loktfs`."
. "$(dirname "$0")/lib.sh" || exit 1

# refuses DESCRIPTION PATTERN ARG…: exits non-zero, mounts nothing, and says one line.
refuses() {
	local what=$1 pattern=$2 rc
	shift 2
	timeout 30 "$LOKTFS" "$@" >"$T/out" 2>"$T/err" </dev/null
	rc=$?
	[ $rc -ne 0 ] || fail "$what: it exits with 0"
	[ $rc -lt 124 ] || fail "$what: it exits with $rc"
	same "$what: lines on stderr" 1 "$(wc -l <"$T/err")"
	same "$what: nothing on stdout" 0 "$(wc -c <"$T/out")"
	grep -qiE "$pattern" "$T/err" || fail "$what: unclear: $(cat "$T/err")"
	! mounted || fail "$what: something is mounted"
}

# Help and version.
for flag in --help -h; do
	check "$flag" "$LOKTFS" $flag
	"$LOKTFS" $flag 2>"$T/err" | grep -q '^usage: loktfs\|^Usage: loktfs' || fail "$flag: no usage"
	same "$flag: stderr" 0 "$(wc -c <"$T/err")"
done
for word in MOUNTPOINT state= ttl= timeout= freeze_ttl= lease_ttl= deadlock_timeout= admins= max_holds= \
	max_waiters= max_leases= max_freezes= max_readers= max_names= max_views= audit_max= allow_other; do
	"$LOKTFS" --help | grep -qF "$word" || fail "--help does not tell of $word"
done
same "--version" 1 "$("$LOKTFS" --version | grep -cE '^loktfs [0-9]+\.[0-9]+\.[0-9]+')"

# What is wrong.
: >"$T/file"
refuses "no mount point" 'mount ?point|usage'
refuses "an option alone" 'mount ?point|usage' -o "state=$S"
refuses "a mount point that is not there" 'No such file|exist' -o "state=$S" "$T/nowhere"
refuses "a mount point that is a file" 'directory' -o "state=$S" "$T/file"
refuses "three operands" 'usage|argument|operand|much|many' -o "state=$S" a b "$M"
refuses "an unknown flag" 'frob' --frobnicate "$M"
refuses "an unknown flag" 'Z' -Z "$M"
refuses "an unknown option" 'bogus' -o "state=$S,bogus" "$M"
refuses "an unknown option with a value" 'bogus' -o "state=$S,bogus=1" "$M"
refuses "-o without a value" 'o|usage' "$M" -o
for option in ttl=banana ttl= ttl ttl=0 ttl=-1 ttl=721h timeout=x freeze_ttl=none freeze_ttl=0 \
	lease_ttl=none lease_ttl=0 lease_ttl= deadlock_timeout=x deadlock_timeout= audit_max=x audit_max= \
	admins= admins=no-such-group-here max_holds= max_holds=0 max_holds=x max_holds=-1 max_waiters=1/ \
	max_leases=/1 max_freezes=1/x max_readers=1/2/3 max_names=99999999999999999999; do
	refuses "$option" "${option%%=*}" -o "state=$S,$option" "$M"
done
refuses "a state that is a file" 'state|directory|file' -o "state=$T/file" "$M"
refuses "a state that cannot be" 'state|directory|file|proc' -o state=/proc/self/no/state "$M"
same "none of these left a daemon" "" "$(lib_mounts)"

# As mount(8) and fstab call it.
lokt_start rw,dev,suid,nofail,_netdev,x-systemd.automount,x-foo=bar
grep -F " $M " /proc/self/mountinfo >"$T/mountinfo"
grep -qE ' - fuse\.loktfs ' "$T/mountinfo" || fail "the type: $(cat "$T/mountinfo")"
grep -qE ' [^ ]*nosuid,nodev' "$T/mountinfo" || fail "not nosuid,nodev: $(cat "$T/mountinfo")"
same "it runs in /" / "$(readlink "/proc/$D/cwd")"
[ "$(awk "{ print \$6 }" "/proc/$D/stat")" != "$(awk "{ print \$6 }" "/proc/$$/stat")" ] ||
	fail "it is in the session of its caller"

# Over a mount that serves already: refused, or stacked on top; the one below is not harmed.
mkdir "$T/s2"
if "$LOKTFS" -o "state=$T/s2" "$M" >"$T/out" 2>"$T/err" </dev/null; then
	lokt_started
	upper=$D
	check "the upper serves" test -e "$L/x"
	upper=$D
	kill -TERM "$upper"
	wait_until 5 gone "$upper" || fail "the upper does not end"
	D=$(jq .daemon.pid "$M/status.json")
else
	same "one line" 1 "$(wc -l <"$T/err")"
fi
expect 'open OK' "open:rw:$L/x@try"
lokt_stop

check "with a source" "$LOKTFS" -o "state=$S,rw" any-source "$M"
lokt_started
expect 'open OK' "open:rw:$L/x@try"
lokt_stop
check "options after the mount point" "$LOKTFS" "$M" -o rw -o "state=$S"
lokt_started
lokt_stop

# A directory for the state is made, for its owner alone.
check "a state that is not there" "$LOKTFS" -o "state=$T/new/state" "$M"
lokt_started
same "its mode" 700 "$(stat -c %a "$T/new/state")"
same "others read none of it" "" "$(find "$T/new/state" -type f -perm /077)"
lokt_stop
if [ "$(id -u)" != 0 ]; then
	check "the default, XDG" env XDG_STATE_HOME="$T/xdg" "$LOKTFS" "$M"
	lokt_started
	[ -d "$T/xdg/lokt" ] || fail "no state in XDG_STATE_HOME"
	lokt_stop
fi

# In the foreground it stays, and ends with 0.
for signal in TERM INT; do
	"$LOKTFS" -f -o "state=$S" "$M" </dev/null >"$T/out" 2>&1 &
	daemon=$!
	wait_until 5 test -e "$M/status.json" || fail "-f does not serve: $(cat "$T/out")"
	lokt_started
	same "-f is the process itself" $daemon "$(jq .daemon.supervisor_pid "$M/status.json")"
	kill -$signal $daemon
	wait_until 5 gone $daemon || fail "SIG$signal does not end it"
	wait $daemon || fail "it ends with $? after SIG$signal"
	! mounted || fail "still mounted after SIG$signal"
done
"$LOKTFS" -d -o "state=$S" "$M" </dev/null >"$T/out" 2>&1 &
daemon=$!
wait_until 5 test -e "$M/status.json" || fail "-d does not serve: $(cat "$T/out")"
[ -s "$T/out" ] || fail "-d says nothing"
kill -TERM $daemon
wait $daemon || fail "-d ends with $?"

# Paths may be relative, though it leaves for /; rotation still finds its directory.
check "relative paths" "$LOKTFS" -o state=s,audit_max=65536 ./m/
lokt_started
"$CROWD" churn 1 800 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
[ "$(lib_stored | wc -l)" -ge 2 ] || fail "no rotation in $(ls "$S")"
lokt_stop

# The mount of a daemon that was killed is in nobody's way: taken away, or told.
lokt_start
lokt_slay
if "$LOKTFS" -o "state=$S" "$M" </dev/null >"$T/out" 2>&1; then
	lokt_started
	expect 'open OK' "open:rw:$L/x@try"
	lokt_stop
	! mounted || fail "something is still mounted"
else
	same "one line" 1 "$(wc -l <"$T/out")"
	fusermount3 -uz "$M"
fi
