#!/usr/bin/env bash
# The TTL of a hold passes.
#
# "`ttl=DUR`: the hold expires unless renewed within DUR of the grant; `none` undoes the mount's
# default: none: held until close (`-o ttl=`)", "When the TTL passes, … the hold is **lost** at that
# moment: the next waiter is granted, `write` gives `ESTALE`, `read` says `lost`,", "A lost hold
# never comes back.", "`stale-break`: the TTL passed"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# Expires while another waits.
exec 9<>"$L/x@ttl=1500ms" 8<>"$L/y@ttl=1h" || fail "cannot take x and y"
mine=$(cat <&9)
token=$(jq .token <<<"$mine")
same "the TTL, as the holder reads it" 1500 "$(jq .ttl_ms <<<"$mine")"
same "… and in the status" 3600000 "$(status y .holder.ttl_ms)"
within "what remains" 3500000 3600000 "$(status y .holder.remaining_ms)"
exec 8>&-
take next x # in the queue, unless this machine has taken that long
granted "$next"
same "the holder is the next" "$next" "$(status x .holder.pid)"
same "read says lost" lost "$(jq -r .state <&9)"
for command in renew 'renew 5s'; do
	out=$( (echo "$command" >&9) 2>&1) && fail "a lost hold was renewed"
	[[ $out = *[Ss]tale* ]] || fail "wanted ESTALE: $out"
done
refute "the root's renew does not bring it back" eval 'echo "x 5s" >"$M/renew"'
same "read says lost still" lost "$(jq -r .state <&9)"
exec 9>&-
same "the end of the lost hold is nobody's end" "$next" "$(status x .holder.pid)"
same "stale-break once, no release" "acquire stale-break acquire" \
	"$(events '.name == "x"' | jq -s -r '[.[].event] | join(" ")')"
same "with its token" "$token" "$(events '.event == "stale-break"' | jq .token)"
check "not before the TTL" jq -s -e '
	def ms: .ts | (.[:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
	[.[] | select(.name == "x")] | (.[1] | ms) - (.[0] | ms) | . >= 1499' \
	"$M/audit.jsonl"
let_go "$next"

# Expires with nobody waiting: free at that moment.
exec 9<>"$L/alone@ttl=300ms"
wait_until 5 state_is alone free || fail "held beyond its TTL"
expect 'open OK' "open:rw:$L/alone@try"
exec 9>&-

# The TTL counts from the grant, not from the open.
hold holder late
queue waiter late@ttl=1h
sleep 0.5
begin=$(now_ms)
let_go "$holder"
granted "$waiter"
left=$(status late .holder.remaining_ms)
within "what remains after the wait" $((3600000 - ($(now_ms) - begin) - 10)) 3600000 "$left"
let_go "$waiter"

# Without a TTL nothing ends.
exec 9<>"$L/for-ever"
sleep 0.4
check "held" state_is for-ever held
exec 9>&-

# The mount's default, and `none` against it.
lokt_stop
lokt_start ttl=300ms
exec 8<>"$L/default" 9<>"$L/none@ttl=none" 7<>"$L/own@ttl=1h"
same "the default" 300 "$(jq .ttl_ms <&8)"
wait_until 5 state_is default free || fail "the mount's ttl= does not count"
check "none undoes it" state_is none held
check "one's own TTL wins" state_is own held
exec 7>&- 8>&- 9>&-
