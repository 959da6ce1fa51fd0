#!/usr/bin/env bash
# Freezes.
#
# "`freezes/<name>`: ">" with a TTL = freeze · rm = unfreeze · cat = who, until when · ls = what is
# frozen", "`frozen=wait`: while frozen, wait for the thaw (within `timeout`) in place of failing:
# fail", "`EBUSY`: the name is frozen: new opens and waiters already queued alike", "`echo 10s >
# freezes/deploy` refuses every new hold on `deploy`, by open or lease, until the TTL passes or `rm
# freezes/deploy`; who holds it keeps it and may renew. Writing again changes the TTL.
# `freezes/@all` freezes the mount. A freeze always ends (`-o freeze_ttl=15m` when none is
# written),", "`freeze`, `unfreeze`, `thaw`: set, lifted, ran out"
. "$(dirname "$0")/lib.sh" || exit 1

F=$M/freezes
frozen() {
	[ "$(status "$1" '.freeze != null')" = true ]
}
thawed() {
	! frozen "$1"
}
happens() {
	wait_until 5 happened ".event == \"$1\" and .name == \"$2\"" || fail "no $1 of $2 in the log"
}

lokt_start freeze_ttl=700ms

# One holds, three wait, one of these for a thaw too; then it is frozen.
exec 9<>"$L/x@ttl=30s" || fail "cannot take x"
queue waiter x
queue polite x@frozen=wait
queue another x
check "freeze" eval 'echo 1h >"$F/x"'
refused "$waiter" EBUSY
refused "$another" EBUSY
expect 'open EBUSY' "open:rw:$L/x"
expect 'open EBUSY' "open:rw:$L/x@try"
expect 'open EBUSY' "open:rd+nonblock:$L/x"
expect 'open OK' "open:rw:$L/other@try"
check "held stays the state" state_is x held
check "and it is frozen" frozen x
same "who waits for the thaw waits on" "$polite" "$(status x '[.waiters[].pid] | join(" ")')"
die KILL "$polite"
same "the holder is the old one" $$ "$(status x .holder.pid)"
check "the holder may renew" eval 'echo renew >&9'
same "its hold is held" held "$(jq -r .state <&9)"
same "ls shows what is frozen" x "$(ls "$F")"
check "cat: who, and until when" jq -e --argjson u "$(id -u)" --arg n "$(id -un)" '.name == "x"
	and .uid == $u and .owner == $n and .ttl_ms == 3600000
	and (.expires_at | test("^20..-..-..T..:..:..[.]...Z$"))' "$F/x"
happens freeze x
happened '.event == "deny" and .reason == "frozen" and .name == "x"' ||
	wait_until 5 happened '.event == "deny" and .reason == "frozen" and .name == "x"' ||
	fail "no denial with the reason frozen"

# frozen=wait: behind the holder and behind the freeze.
queue polite x@frozen=wait
exec 9>&-
sleep 0.2
same "frozen: not granted though free" "" "$(said "$polite")"
check "the state of a frozen name that nobody holds" state_is x frozen
expect 'open EBUSY' "open:wr+creat+trunc:$M/leases/x"
expect 'stat ENOENT' "stat:$M/leases/x"
expect 'open ETIMEDOUT' "open:rw:$L/x@frozen=wait,timeout=200ms"
expect 'open EAGAIN' "open:rw:$L/x@frozen=wait,try"
check "unfreeze" rm "$F/x"
granted "$polite"
let_go "$polite"
happens unfreeze x
same "nothing is frozen" "" "$(ls "$F")"
same "not frozen" null "$(status x .freeze)"
refute "rm of what is not frozen" rm "$F/x"
expect 'unlink ENOENT' "unlink:$F/x"

# The TTL ends: a thaw, and those who waited for it go on, in their order.
check "freeze" eval 'echo 1h >"$F/y"'
queue polite y@frozen=wait
queue patient y@frozen=wait
expect 'open EBUSY' "open:rw:$L/y"
check "for a moment" eval 'echo 500ms >"$F/y"'
granted "$polite"
same "first come, first served" "" "$(said "$patient")"
let_go "$polite"
granted "$patient"
let_go "$patient"
happens thaw y
same "thaw, not unfreeze" 0 "$(count '.event == "unfreeze" and .name == "y"')"
expect 'open OK' "open:rw:$L/y@try"
check "the times of freeze and thaw are the TTL apart" jq -s -e '
	def ms: .ts | (.[:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
	[.[] | select(.name == "y")] | (map(select(.event == "thaw"))[0] | ms)
		- (map(select(.event == "freeze"))[-1] | ms) | . >= 499' "$M/audit.jsonl"

# Writing again changes the TTL, longer and shorter.
check "freeze" eval 'echo 400ms >"$F/again"'
check "longer" eval 'echo 1h >"$F/again"'
sleep 0.6
check "still frozen" frozen again
check "shorter" eval 'echo 200ms >"$F/again"'
wait_until 5 thawed again || fail "the shorter TTL does not count"

# Without a TTL: the mount's default.
: >"$F/default" || fail "cannot freeze without a TTL"
same "by the log" 700 "$(events '.event == "freeze" and .name == "default"' | jq .ttl_ms)"
wait_until 5 thawed default || fail "the default TTL of 700 ms does not end"
happens thaw default

# The whole mount.
hold holder z
queue waiter z
check "freeze all" eval 'echo 1h >"$F/@all"'
refused "$waiter" EBUSY
expect 'open EBUSY' "open:wr+creat+trunc:$M/leases/never-used"
for name in z y never-used; do
	expect 'open EBUSY' "open:rw:$L/$name"
	check "$name is frozen" frozen "$name"
done
check "free names are frozen" state_is never-used frozen
check "held names are held" state_is z held
same "ls shows it" @all "$(ls "$F")"
check "status.json tells" jq -e '.freezes | length == 1' "$M/status.json"
check "unfreeze all" rm "$F/@all"
expect 'open OK' "open:rw:$L/never-used@try"
check "thawed" thawed never-used
let_go "$holder"

# A freeze of one name is not undone with that of all.
check "freeze all" eval 'echo 1h >"$F/@all"'
check "freeze one" eval 'echo 1h >"$F/one"'
check "unfreeze all" rm "$F/@all"
expect 'open EBUSY' "open:rw:$L/one"
expect 'open OK' "open:rw:$L/two@try"
check "unfreeze one" rm "$F/one"

# TTLs that are none: EINVAL, and nothing is frozen.
for ttl in 0 0s -1 721h 31d none banana '10s x' '1h-' 1.5s 10S 99999999999999999999; do
	expect 'write EINVAL' "open:wr+creat+trunc:$F/bad" "write:$ttl"
	expect 'open OK' "open:rw:$L/bad@try"
	same "'$ttl' freezes nothing" "" "$(ls "$F")"
done
refute "the shell says so too" eval 'echo banana >"$F/bad"'
# … and what was frozen before stays frozen.
check "freeze" eval 'echo 1h >"$F/kept"'
refute "a bad TTL" eval 'echo banana >"$F/kept"'
expect 'open EBUSY' "open:rw:$L/kept"
check "unfreeze" rm "$F/kept"
for name in .x -x 'a b' a@try @alle a+b; do
	refute "the name $name" eval 'echo 1s >"$F/$name"'
done
same "none of these froze anything" "" "$(ls "$F")"
