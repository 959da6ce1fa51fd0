#!/usr/bin/env bash
# Every reason for not getting a lock, as the log and the metrics have it.
#
# "`deny` (`reason`: `held`, `timeout`, `frozen`, `deadlock`, `limit`, `permission`, `cancelled`): did
# not get it; the same name, user and reason again within 1 s is one line with `count`"
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

others_ready
lokt_start allow_other,max_readers=1,deadlock_timeout=100ms

# told REASON NAME: the log has this denial.
told() {
	wait_until 5 happened '.event == "deny" and .reason == $r and .name == $n' \
		--arg r "$1" --arg n "$2" || fail "no denial of $2 with the reason $1"
}
# counted REASON: how many of these, says metrics; and how many, says the log.
counted() {
	sed -n "s/^lokt_denials_total{reason=\"$1\"} //p" "$M/metrics"
}
logged() {
	jq -s --arg r "$1" '[.[] | select(.event == "deny" and .reason == $r) | .count // 1]
		| add // 0' "$M/audit.jsonl"
}

hold holder x
expect 'open EAGAIN' "open:rw:$L/x@try"
told held x
expect 'open ETIMEDOUT' "open:rw:$L/x@timeout=20ms"
told timeout x
queue dies x
die KILL "$dies"
told cancelled x
echo 1h >"$M/freezes/f"
expect 'open EBUSY' "open:rw:$L/f"
told frozen f
expect 'open EDEADLK' "open:rw:$L/d" "open:rw:$L/d"
told deadlock d
expect_as $ada 'unlink EPERM' "unlink:$L/x@token=$(status x .holder.token)"
told permission x
exec 8<"$M/audit"
expect 'open ENOLCK' "open:rd:$M/audit"
exec 8<&-
wait_until 5 happened '.event == "deny" and .reason == "limit"' || fail "no denial by a limit"
let_go "$holder"
check "no other reason" jq -se 'all(.[] | select(.event == "deny"); .reason | IN("held", "timeout",
	"frozen", "deadlock", "limit", "permission", "cancelled"))' "$M/audit.jsonl"

# A hundred in a loop are a few lines, which together count them all.
hold holder x
(for ((i = 0; i < 100; i++)); do : 9>"$L/x@try"; done) 2>/dev/null
all_told() {
	[ "$(logged held)" = 101 ] && [ "$(counted held)" = 101 ]
}
wait_until 8 all_told || fail "101 denials; the log has $(logged held), metrics $(counted held)"
within "lines of these" 2 20 "$(count '.event == "deny" and .reason == "held"')"
for reason in timeout cancelled frozen deadlock permission limit; do
	same "$reason" "1 1" "$(logged $reason) $(counted $reason)"
done
# Another name, another user: a line of their own.
expect_as $bob 'open EAGAIN' "open:rw:$L/x@try"
happened '.event == "deny" and .reason == "held" and .uid == $u and (has("count") | not)' \
	--argjson u $bob || fail "bob's denial is in another's line"
let_go "$holder"
