#!/usr/bin/env bash
# Renewing, through the descriptor and through the root's file.
#
# "`renew`: write "<name> [ttl]" = refresh what the writer, an ancestor of it, or its user's lease
# holds", "`write` takes one command per write(2): `renew`, or `renew DUR` for a new TTL from now.
# Anything else: `EINVAL`, and nothing changes.", "`renew` (`ttl_ms`): refreshed"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
renews() {
	events '.event == "renew" and .name == $n' --arg n "$1" | jq -s -r '[.[].ttl_ms] | join(" ")'
}
remaining() {
	status x .holder.remaining_ms
}

# Through the descriptor.
exec 9<>"$L/x@ttl=2500ms" || fail "cannot take x"
begin=$(now_ms) said=
for ((i = 0; $(now_ms) - begin < 3500; i++)); do
	sleep 0.2
	check "renewal $i" eval 'echo renew >&9'
	said+="2500 "
done
check "a new TTL" eval 'echo "renew 50m" >&9'
same "renewals are counted" $((i + 1)) "$(status x .holder.renewals)"
said+=3000000
same "and logged with the TTL" "$said" "$(renews x)"
within "what remains" 2900000 3000000 "$(remaining)"
same "the TTL" 3000000 "$(status x .holder.ttl_ms)"
check "without a newline" eval 'printf renew >&9'
said+=" 3000000"
same "renew alone takes the last TTL" "$said" "$(renews x)"

# What is no command; say TEXT writes it at once, where the shell would write line by line.
say() {
	printf '%s' "$1" >"$T/text"
	dd if="$T/text" bs=4k status=none >&9
}
before=$(jq .ttl_ms <&9)
for text in x renewal 'renew banana' 'renew 0' 'renew -1' 'renew 721h' 'renew 1s 2s' 'RENEW' ' ' \
	'renewrenew' $'renew\nrenew' $'renew 5s\nrenew' 'renew  -' 'release' '{}'; do
	out=$(say "$text" 2>&1) && fail "'$text' was accepted"
	[[ $out = *nvalid* ]] || fail "'$text': wanted EINVAL: $out"
done
long=renew\ $(printf '9%.0s' {1..1000})
out=$(say "$long" 2>&1) && fail "a line of 1,000 digits was accepted"
same "nothing changed" "$before" "$(jq .ttl_ms <&9)"
same "nothing was logged" "$said" "$(renews x)"

# Through the root, by the holder itself, a child and a grandchild of it.
check "the holder" eval 'echo "x 40m" >"$M/renew"'
within "what remains" 2300000 2400000 "$(remaining)"
check "a child" bash -c 'echo "x 70m" >"$1"' bash "$M/renew"
within "what remains" 4100000 4200000 "$(remaining)"
check "a grandchild" bash -c 'bash -c "echo \"x 30m\" >\"$1\"" bash "$1"; true' bash "$M/renew"
within "what remains" 1700000 1800000 "$(remaining)"
check "the last TTL" eval 'echo x >"$M/renew"'
same "logged" "$said 2400000 4200000 1800000 1800000" "$(renews x)"

# What is no command there.
for text in 'x banana' 'x 0' 'x -1' 'x 721h' 'x 1s 1s' 'a b' '.x 1s' $'x\nx' $'x 1s\nx' ' ' \
	'x@ttl=1s 1s' 'a+b 1s'; do
	expect 'write EINVAL' "open:wr:$M/renew" "write:$text"
done
# A name that the writer does not hold: nobody does, or somebody who is no ancestor.
refute "nobody holds it" eval 'echo "unused 5s" >"$M/renew"'
hold stranger s@ttl=30m
refute "somebody else holds it" eval 'echo "s 500m" >"$M/renew"'
within "the stranger's TTL is its own" 0 1800000 "$(status s .holder.remaining_ms)"
same "nothing was logged" "" "$(renews s)"
let_go "$stranger"

# A TTL for a hold that had none.
exec 9>&-
exec 9<>"$L/x"
same "no TTL" null "$(status x .holder.expires_at)"
check "a TTL" eval 'echo "renew 300ms" >&9'
wait_until 5 state_is x free || fail "the TTL given later does not end"
exec 9>&-
