#!/usr/bin/env bash
# What shells and flock(1) do with it, unchanged.
#
# "`exec 9>locks/x`, Python's and C's `open()` work unchanged. In dash and `bash --posix` a failing
# `exec` redirection ends the shell: scripts write `command exec 9>…`, or `( … ) 9>locks/x`", "Plain
# `flock locks/x cmd` works too; `flock -n`, `-w` and `-s` act only after the open, so use
# `locks/x@try`, `@timeout=5s`, `@shared`."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
hold holder held

for shell in 'bash' 'bash --posix' dash 'busybox sh' 'zsh --emulate sh' ksh; do
	command -v "${shell%% *}" >/dev/null || continue
	got=$($shell -c 'command exec 9>"$1/free" && echo taken; cat "$2/free.json"; exec 9>&-
		command exec 9>"$1/held@try" || echo busy; echo on' "$shell" "$L" "$M/status" 2>/dev/null)
	same "$shell: command exec" "taken held busy on" \
		"$(echo "$got" | sed 's/^{.*"state": *"\([a-z]*\)".*/\1/' | paste -sd ' ')"
	got=$($shell -c '(cat "$2/free.json") 9>"$1/free"
		(echo never) 9>"$1/held@try" || echo busy; echo on' "$shell" "$L" "$M/status" 2>/dev/null)
	same "$shell: a subshell" "held busy on" \
		"$(echo "$got" | sed 's/^{.*"state": *"\([a-z]*\)".*/\1/' | paste -sd ' ')"
	check "$shell: free again" state_is free free
done
# The errors are the shell's own words.
for pair in '@try:Resource temporarily unavailable' '@timeout=50ms:Connection timed out' \
	'@bogus:Invalid argument'; do
	got=$( (: 9>"$L/held${pair%%:*}") 2>&1)
	[[ $got = *"${pair#*:}"* ]] || fail "bash says: $got"
done

# Python, through every way it has to open; and C, which is lokt-try all over these tests.
cat >"$T/open.py" <<'END'
import errno, json, os, sys
locks = sys.argv[1]
def state():
    return json.load(open(locks + "/../status/py.json"))["state"]
with open(locks + "/py", "w"):
    assert state() == "held"
assert state() == "free"
with open(locks + "/py", "r+b", buffering=0) as lock:
    lock.write(b"renew 20s")
    assert json.loads(lock.readline())["ttl_ms"] == 20000
fd = os.open(locks + "/py", os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
try:
    open(locks + "/py@try")
    raise SystemExit("taken twice")
except BlockingIOError as e:
    assert e.errno == errno.EAGAIN
try:
    open(locks + "/py@timeout=50ms", "a")
    raise SystemExit("taken twice")
except TimeoutError:
    pass
os.close(fd)
assert state() == "free"
END
check "Python" python3 "$T/open.py" "$L"
expect 'close OK' "open:rw+creat+trunc:$L/c" close

if command -v flock >/dev/null; then
	same "flock holds while its command runs" held \
		"$(flock "$L/f" cat "$M/status/f.json" | jq -r .state)"
	check "free afterwards" state_is f free
	same "flock with a descriptor" held \
		"$( (flock 9 && jq -r .state "$M/status/f.json") 9>"$L/f")"
	refute "flock on a held name that does not wait" flock "$L/held@try" true
	refute "nor for long" flock "$L/held@timeout=50ms" true
	# -n, -w and -s come too late: the open waits, and takes it alone.
	for flag in -n '-w 0' -s; do
		# shellcheck disable=SC2086 # two words
		timeout 60 flock $flag "$L/held" true &
		late=$!
		wait_until 5 eval '[ "$(status held ".waiters | length")" = 1 ]' || fail "flock $flag does not wait"
		same "flock $flag asks for it alone" exclusive "$(status held '.waiters[0].mode')"
		kill $late
		wait $late 2>/dev/null
		wait_until 5 eval '[ "$(status held ".waiters | length")" = 0 ]' || fail "it waits on"
	done
	exec 9>"$L/many@shared"
	check "so @shared" flock "$L/many@shared" true
	exec 9>&-
	let_go "$holder"
	same "flock's exit code is its command's" 7 "$(flock "$L/held" bash -c 'exit 7'; echo $?)"
else
	let_go "$holder"
fi
