#!/usr/bin/env bash
# Descriptors that are inherited and copied.
#
# "The hold lasts until the last descriptor of it is closed, wherever it was inherited to."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# The child keeps it, when the parent that opened it is dead.
child=$(bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!' bash "$L/x")
check "the child runs" kill -0 "$child"
sleep 0.2
check "held by the child" state_is x held
expect 'open EAGAIN' "open:rw:$L/x@try"
queue next x
kill -KILL "$child"
granted "$next"
same "the first hold ended once" 1 "$(count '.name == "x" and .pid != $p
	and (.event == "release" or .event == "auto-prune")' --argjson p "$next")"
let_go "$next"

# Copies in one process: the last counts.
exec 9>"$L/y" 8>&9
exec 9>&-
check "held by the copy" state_is y held
exec 8>&-
check "free" state_is y free
same "one end" 1 "$(count '.name == "y" and .event == "release"')"

# A subshell that closes its copy ends nothing.
exec 9<>"$L/z"
(exec 9>&-)
(:)
check "held" state_is z held
# What a child reads and writes there is the same hold.
token=$(jq .token <&9)
same "the child's hold is the parent's" "$token" "$(bash -c 'jq .token <&9')"
check "the child may renew" bash -c 'echo "renew 20s" >&9'
same "the parent's TTL is new" 20000 "$(jq .ttl_ms <&9)"
exec 9>&-
check "free" state_is z free
