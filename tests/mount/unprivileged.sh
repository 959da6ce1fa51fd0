#!/usr/bin/env bash
# A mount of a user who is not root, through fusermount3.
#
# "`state=DIR` (default … `$XDG_STATE_HOME/lokt` or `~/.local/state/lokt` otherwise)"; the kernel
# lets fewer requests wait in such a mount, and nobody else in.
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

others_mount

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
