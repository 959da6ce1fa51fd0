#!/usr/bin/env bash
# Breaking a hold.
#
# "or somebody breaks it, the hold is **lost** at that moment:", "**Breaking** needs to say which
# grant: `rm locks/<name>@token=N` (the holder's user, the mount's owner, an admin; another token by
# now: `ESTALE`). Plain `rm locks/<name>` is `EBUSY` while held and `ENOENT` when free, so a
# script's `trap 'rm -f LOCK'` harms nobody.", "`force-break` (`by_uid`, `by_pid`): somebody removed
# it"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

expect 'unlink ENOENT' "unlink:$L/x"
check "rm -f of a free lock" rm -f "$L/x"
: >"$L/before"
exec 9<>"$L/x"
token=$(jq .token <&9)
expect 'unlink EBUSY' "unlink:$L/x"
refute "rm -f of a held lock" rm -f "$L/x"
check "held" state_is x held
expect 'unlink ESTALE' "unlink:$L/x@token=$((token + 1))"
expect 'unlink ESTALE' "unlink:$L/x@token=$((token - 1))"
for bad in '' 0 0x1 -1 abc 18446744073709551616 "$token "; do
	expect 'unlink EINVAL' "unlink:$L/x@token=$bad"
done
expect 'open EINVAL' "open:rw:$L/x@token=$token"
same "held as before" "$token" "$(status x .holder.token)"

queue next x
rm "$L/x@token=$token" &
breaker=$!
wait $breaker || fail "rm of the right token"
granted "$next"
same "the next holds" "$next" "$(status x .holder.pid)"
same "the old holder reads" lost "$(jq -r .state <&9)"
out=$( (echo renew >&9) 2>&1) && fail "the broken hold was renewed"
[[ $out = *[Ss]tale* ]] || fail "wanted ESTALE: $out"
expect 'unlink ESTALE' "unlink:$L/x@token=$token"
same "the next still holds" "$next" "$(status x .holder.pid)"
exec 9>&-
same "the end of the broken hold is nobody's end" "$next" "$(status x .holder.pid)"
check "the log says who" jq -s -e --argjson t "$token" --argjson u "$(id -u)" --argjson p $breaker '
	[.[] | select(.event == "force-break")]
	| length == 1 and (.[0] | .name == "x" and .token == $t and .by_uid == $u and .by_pid == $p)' \
	"$M/audit.jsonl"
same "in order" "acquire force-break acquire" "$(events '.name == "x" and .event != "deny"' |
	jq -s -r '[.[].event] | join(" ")')"

let_go "$next"
