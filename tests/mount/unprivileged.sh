#!/usr/bin/env bash
# A mount of a user who is not root, through fusermount3.
#
# "`state=DIR` (default … `$XDG_STATE_HOME/lokt` or `~/.local/state/lokt` otherwise)"; the kernel
# lets fewer requests wait in such a mount, and nobody else in.
. "$(dirname "$0")/lib.sh" || exit 1

need setpriv fusermount3
[ "$(id -u)" = 0 ] || skip "root tests what a user can; a user has tested it by now"
user=65534 # fusermount3 wants one that has a name
as_user() {
	env HOME="$T/home" XDG_STATE_HOME= setpriv --reuid=$user --regid=$user --clear-groups "$@"
}
as_user true 2>/dev/null || skip "cannot become another user here"
# Where /dev/fuse is root's alone, as in containers, another one is put over it, for this test alone.
if ! as_user test -w /dev/fuse; then
	own_mounts
	mknod -m 666 "$T/fuse" c 10 229 && mount --bind "$T/fuse" /dev/fuse
	as_user test -w /dev/fuse || skip "/dev/fuse is root's alone"
fi
[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not setuid"

mkdir "$T/bin" "$T/home"
cp "$LOKTFS" "$TRY" "$CROWD" "$T/bin"
chown $user "$T/home" "$M"
as_user "$T/bin/loktfs" --version >/dev/null || skip "another user cannot run loktfs"
as_user "$T/bin/loktfs" "$M" </dev/null >"$T/daemon.log" 2>&1 ||
	fail "an unprivileged mount: $(cat "$T/daemon.log")"
D=$(as_user cat "$M/status.json" | jq .daemon.pid)
echo "$D" >>"$T/daemons"
[ -d "$T/home/.local/state/lokt" ] || fail "the state is not in ~/.local/state/lokt"
same "the daemon's user" $user "$(stat -c %u "/proc/$D")"

got=$(as_user "$T/bin/lokt-try" "open:rw:$L/x@ttl=5s" write:renew read close | paste -sd ' ')
[[ $got = 'open OK '*'write OK read '*'close OK' ]] || fail "an unprivileged hold: $got"
check "many at once" as_user "$T/bin/lokt-crowd" wait 300 "$L/x"
check "close, then try" as_user "$T/bin/lokt-crowd" churn 64 10 "$L"
check "freeze" as_user bash -c 'echo 1h >"$1"' bash "$M/freezes/x"
check "a lease" as_user bash -c 'echo 1h >"$1" && echo 2h >>"$1" && rm "$1"' bash "$M/leases/l"
same "bound to its process" "open OK" "$(as_user "$T/bin/lokt-try" "open:rw:$L/y@bind=pid,shared" |
	cut -d' ' -f1,2)"
same "woken in poll" "poll ERR+HUP" "$(as_user "$T/bin/lokt-try" "open:rw:$L/a+b@ttl=200ms" \
	poll:none:60000 | tail -n 1)"
same "a deadlock" "open EDEADLK" "$(as_user "$T/bin/lokt-try" "open:rw:$L/y" "open:rw:$L/y" |
	tail -n 1 | cut -d' ' -f1,2)"
as_user cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "fusermount3 -u" as_user fusermount3 -u "$M"
wait_until 10 gone "$D" || fail "the daemon outlives fusermount3 -u"
same "the last line" stop "$(tail -n 1 "$(grep -rl '^{"seq":' "$T/home/.local/state/lokt" |
	xargs ls -t | head -n 1)" | jq -r .event)"
