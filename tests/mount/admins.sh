#!/usr/bin/env bash
# Admins: the members of a group, by their own group or by one more.
#
# "`EACCES`, `EPERM`: not permitted", "**Breaking** needs to say which grant: `rm
# locks/<name>@token=N` (the holder's user, the mount's owner, an admin; another token by now:
# `ESTALE`).", "another user's, or another label: `EPERM`. `rm` releases; not yours: `EPERM`.", "Set
# by the mount's owner, an admin (`-o admins=GROUP`), or the holder's user; lifted by those, or by
# who set it."
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

others_ready
group=staff
gid=$(getent group $group | cut -d: -f3)
[ -n "$gid" ] || skip "there is no group $group here"
first=$bob:$gid second=$carol:$carol:4242,$gid none=$dave:$dave:4242
F=$M/freezes E=$M/leases

lokt_start "allow_other,admins=$group"
hold_as $ada holder x

# Neither holder nor admin.
token=$(status x .holder.token)
expect_as $none 'unlink EPERM' "unlink:$L/x@token=$token"
expect_as $none 'write EPERM' "open:wr+creat+trunc:$F/x" write:1h
expect_as $none 'write EPERM' "open:wr+creat+trunc:$F/@all" write:1h
same "held, and not frozen" "held null" "$(status x '"\(.state) \(.freeze)"')"

for admin in "$first" "$second"; do
	# Freezing: anything, all, and lifting what others set.
	expect_as "$admin" 'write OK' "open:wr+creat+trunc:$F/free" write:1h
	check "frozen" state_is free frozen
	expect_as "$none" 'unlink EPERM' "unlink:$F/free"
	expect_as $ada 'unlink EPERM' "unlink:$F/free"
	expect_as "$admin" 'unlink OK' "unlink:$F/free"
	expect_as "$admin" 'write OK' "open:wr+creat+trunc:$F/@all" write:1h
	expect_as "$admin" 'unlink OK' "unlink:$F/@all"
	echo 1h >"$F/roots"
	expect_as "$admin" 'write OK' "open:wr+creat+trunc:$F/roots" write:2h
	expect_as "$admin" 'unlink OK' "unlink:$F/roots"
	expect_as $ada 'write OK' "open:wr+creat+trunc:$F/x" write:1h
	expect_as "$admin" 'unlink OK' "unlink:$F/x"

	# Breaking: this grant, and no other; by whom is told.
	token=$(status x .holder.token)
	expect_as "$admin" 'unlink EBUSY' "unlink:$L/x"
	expect_as "$admin" 'unlink ESTALE' "unlink:$L/x@token=$((token + 1))"
	queue_as $ada next x
	expect_as "$admin" 'unlink OK' "unlink:$L/x@token=$token"
	granted "$next"
	same "by whom" "${admin%%:*} $ada" "$(events '.event == "force-break"' | tail -n 1 |
		jq -r '"\(.by_uid) \(.uid)"')"
	let_go "$holder"
	holder=$next

	# Another's lease: removed, not renewed.
	expect_as $ada 'write OK' "open:wr+creat+trunc:$E/l" write:1h
	expect_as "$none" 'unlink EPERM' "unlink:$E/l"
	expect_as "$none" 'open EPERM' "open:wr+append:$E/l" write:2h
	expect_as "$none" 'utimes EPERM' "utimes:$E/l"
	expect_as "$admin" 'open EPERM' "open:wr+append:$E/l" write:2h
	same "the TTL is hers" 3600000 "$(status l .holder.ttl_ms)"
	check "anybody may look" as "$none" cat "$E/l"
	expect_as "$admin" 'unlink OK' "unlink:$E/l"
	same "by whom" "force-break ${admin%%:*}" "$(events '.name == "l" and .event != "deny"' | tail -n 1 |
		jq -r '"\(.event) \(.by_uid)"')"
done

# The mount's owner may too; the holder's user may from any process.
expect_as $ada 'write OK' "open:wr+creat+trunc:$E/l" write:1h
check "the owner removes a lease" rm "$E/l"
expect_as $ada 'write OK' "open:wr+creat+trunc:$E/l" write:1h
expect_as $ada 'write OK' "open:wr:$M/renew" 'write:l 2h'
same "renewed by its user" 7200000 "$(status l .holder.ttl_ms)"
expect_as "$none" 'write EPERM' "open:wr:$M/renew" 'write:l 3h'
expect_as $ada 'unlink OK' "unlink:$E/l"
same "in order" release "$(events '.name == "l" and .event != "deny"' | tail -n 1 | jq -r .event)"
expect_as $ada 'unlink OK' "unlink:$L/x@token=$(status x .holder.token)"
let_go "$holder"

# Whoever is denied is told of in the log.
denied() {
	happened '.event == "deny" and .reason == "permission" and .uid == $u and .name == $n' \
		--argjson u "$1" --arg n "$2"
}
for pair in "$dave x" "$dave l" "$dave @all" "$ada free"; do
	# shellcheck disable=SC2086 # two words
	wait_until 5 denied $pair || fail "no denial of $pair"
done

# A user learns nothing of another's through the mount but what status and audit say.
start_as $ada env SECRET=of-ada "$TRY" "open:rw:$L/secret@owner=ada" sleep:0 pause >"$T/secret"
wait_until 5 grep -q '^open OK' "$T/secret" || fail "not held"
as "$none" find "$M" -type f ! -path "$M/audit" ! -path "$L/*" -exec cat {} + >"$T/all" 2>/dev/null
grep -q secret "$T/all" || fail "nothing was read"
same "no environment, no command line" 0 "$(grep -cE 'of-ada|lokt-try' "$T/all")"
kill -USR1 "$started"
wait "$started"
lokt_stop

# Without the option the same people are nobody.
lokt_start allow_other
hold_as $ada holder x
expect_as "$first" 'unlink EPERM' "unlink:$L/x@token=$(status x .holder.token)"
expect_as "$second" 'write EPERM' "open:wr+creat+trunc:$F/free" write:1h
let_go "$holder"
