#!/usr/bin/env bash
# What shells and flock(1) do with it, unchanged.
#
# "In dash and `bash --posix` a failing `exec` redirection ends the shell: scripts write
# `command exec 9>…`, or `( … ) 9>locks/x`. Plain `flock locks/x cmd` works too"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
hold holder held

for shell in 'bash' 'bash --posix' dash 'busybox sh' zsh ksh; do
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

if command -v flock >/dev/null; then
	same "flock holds while its command runs" held \
		"$(flock "$L/f" cat "$M/status/f.json" | jq -r .state)"
	check "free afterwards" state_is f free
	same "flock with a descriptor" held \
		"$( (flock 9 && jq -r .state "$M/status/f.json") 9>"$L/f")"
	refute "flock on a held name that does not wait" flock "$L/held@try" true
	refute "nor for long" flock "$L/held@timeout=50ms" true
	let_go "$holder"
	same "flock's exit code is its command's" 7 "$(flock "$L/held" bash -c 'exit 7'; echo $?)"
else
	let_go "$holder"
fi
