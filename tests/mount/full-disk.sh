#!/usr/bin/env bash
# The disk of the log is full.
#
# "`EIO`: the log cannot be written: nothing is granted that could not be remembered"; of the
# design, "If it cannot be appended, nothing is granted (`EIO`), and reads go on"
. "$(dirname "$0")/lib.sh" || exit 1

[ "$(id -u)" = 0 ] || skip "mounting a tmpfs needs root"
mount -t tmpfs -o size=1m,mode=700 lokt-test "$S" 2>/dev/null || skip "no tmpfs can be mounted here"

lokt_start
hold holder x
queue waiter x
exec 9<>"$L/ttl@ttl=400ms"
echo 1h >"$M/leases/lease"
echo 1h >"$M/freezes/before"
dd if=/dev/zero of="$S/ballast" bs=4k status=none 2>/dev/null
dd if=/dev/zero of="$S/ballast2" bs=1 count=4096 status=none 2>/dev/null

# What room is left in the log's last page is used up soon.
for ((i = 0; i < 200; i++)); do
	got=$("$TRY" "open:rw:$L/fill$i" close | head -n 1)
	case $got in
	"open OK "*) ;;
	"open EIO "*) break ;;
	*) fail "on a full disk: $got" ;;
	esac
done
[[ $got = 'open EIO '* ]] || fail "200 grants on a full disk"
check "what failed is free" state_is "fill$i" free
same "exactly the granted are in the log" $i "$(count '.event == "acquire"
	and (.name | startswith("fill"))')"
expect 'open EIO' "open:rw:$L/y"
expect 'open EIO' "open:rw:$L/y@timeout=1s"
refute "a freeze" eval 'echo 1h >"$M/freezes/y"'
check "not frozen" state_is y free
# What has to outlive the machine is not said to be over while the log cannot say so.
refute "a renewal" touch "$M/leases/lease"
refute "a lease given back" rm "$M/leases/lease"
refute "a lease broken" rm "$L/lease@token=$(status lease .holder.token)"
refute "a freeze lifted" rm "$M/freezes/before"
check "still leased" state_is lease held
check "still frozen" state_is before frozen

# Reads go on, and so do releases: but nobody is granted what was released.
check "status.json" jq -e . "$M/status.json"
same "held" "$holder" "$(status x .holder.pid)"
check "the audit file" eval 'cat "$M/audit.jsonl" >"$T/log"'
verify_chain "$T/log"
check "metrics" grep -q . "$M/metrics"
wait_until 5 eval '[ "$(jq -r .state <&9)" = lost ]' || fail "held beyond its TTL"
exec 9>&-
let_go "$holder"
check "free" state_is x free
refused "$waiter" EIO
expect 'open EIO' "open:rw:$L/x"

# Room again: the service resumes by itself, and the log tells everything that was.
rm "$S/ballast" "$S/ballast2"
wait_until 10 "$TRY" "open:rw:$L/again" close || fail "the service does not resume"
expect 'close OK' "open:rw:$L/x@try" close
same "the log says why" 1 "$(count '.event == "recover" and (.detail // "" |
	test("^writable-again,error=ENOSPC,ms=[0-9]+$"))')"
check "freeze" eval 'echo 1h >"$M/freezes/y"'
check "the lease given back" rm "$M/leases/lease"
check "the freeze lifted" rm "$M/freezes/before"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "every acquire has its end" jq -s -e '
	def tokens(f): [.[] | select(f) | .token] | sort;
	tokens(.event == "acquire") == tokens(.event == "release" or .event == "auto-prune"
		or .event == "stale-break")' "$T/log"
check "nothing was told twice" jq -s -e '[.[].seq] | . == unique' "$T/log"
lokt_stop
lokt_start
check "and after a restart" state_is y frozen

# It also ends on a full disk, and begins on one: who begins it is told, and nothing is granted until there is room.
dd if=/dev/zero of="$S/ballast" bs=4k status=none 2>/dev/null
dd if=/dev/zero of="$S/ballast2" bs=1 count=4096 status=none 2>/dev/null
for ((i = 0; i < 100; i++)); do
	: >"$L/fill"
done 2>/dev/null
lokt_stop
"$LOKTFS" -o "state=$S" "$M" </dev/null 2>"$T/out" || fail "no start on a full disk: $(cat "$T/out")"
lokt_started
check "which is told" grep -q 'No space.*nothing is granted' "$T/out"
check "still frozen" state_is y frozen
check "the audit file" eval 'cat "$M/audit.jsonl" >"$T/log"'
expect 'open EIO' "open:rw:$L/x"
starts=$(count '.event == "start"')
rm "$S/ballast" "$S/ballast2"
wait_until 10 "$TRY" "open:rw:$L/again" close || fail "the service does not resume"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
same "the start is told now" $((starts + 1)) "$(count '.event == "start"')"
lokt_stop
lokt_start
check "still frozen" state_is y frozen
lokt_stop

# Half a line at the end of the log finds no room to be set aside: it stays where it is, and no half copy of it is
# left at each try. Once there is room it is set aside, which the log says.
file=$(lib_stored | tail -n 1)
printf '{"seq":' >>"$file"
cp "$file" "$T/half"
dd if=/dev/zero of="$S/ballast" bs=4k status=none 2>/dev/null
for ((i = 0; i < 3; i++)); do
	lokt_start
	check "still frozen" state_is y frozen
	expect 'open EIO' "open:rw:$L/x"
	lokt_die
	expect 'open EIO' "open:rw:$L/x"
	lokt_kill
done
same "half copies" '' "$(find "$S" -name 'set-aside.*' -size 0)"
check "what is there is not touched" cmp "$file" "$T/half"
lokt_start
rm "$S/ballast"
wait_until 10 "$TRY" "open:rw:$L/x" close || fail "the service does not resume"
check "set aside now" grep -qxF '{"seq":' "$S"/set-aside.*
check "which is told" happened '.event == "corrupt-break" and .count == 7 and (.detail | startswith("set-aside."))'
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
cat "$S"/log.* >"$T/log"
verify_chain "$T/log" '*'
lokt_stop
lokt_start
check "still frozen" state_is y frozen
lokt_stop

# The disk can only be read, and what there is cannot be set aside either.
stored() {
	find "$S" -type f ! -name lock -exec sha256sum {} + | sort
}
echo garbage >"$S/tokens"
printf '{"seq":' >>"$(lib_stored | tail -n 1)"
stored >"$T/before"
mount -o remount,ro "$S"
"$LOKTFS" -o "state=$S" "$M" </dev/null 2>"$T/out" || fail "no start on a read-only disk: $(cat "$T/out")"
lokt_started
check "which is told" grep -q 'Read-only.*nothing is granted' "$T/out"
check "still frozen" state_is y frozen
check "the audit file" eval 'cat "$M/audit.jsonl" >"$T/log"'
expect 'open EIO' "open:rw:$L/x"
mkdir "$T/other"
refute "a second daemon" "$LOKTFS" -o "state=$S" "$T/other"
lokt_die
expect 'open EIO' "open:rw:$L/x"
check "nothing is changed" diff "$T/before" <(stored)
mount -o remount,rw "$S"
wait_until 10 "$TRY" "open:rw:$L/x" close || fail "the service does not resume"
check "an upgrade, by now" "$LOKTFS" --upgrade "$M"
lokt_started
check "still frozen" state_is y frozen
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
lokt_stop
same "what was in tokens" garbage "$(cat "$S"/set-aside.*.tokens)"

# There is no log yet, and no room to begin one.
rm -f "$S"/*
dd if=/dev/zero of="$S/ballast" bs=4k status=none 2>/dev/null
"$LOKTFS" -o "state=$S" "$M" </dev/null 2>"$T/out" || fail "no first start on a full disk: $(cat "$T/out")"
lokt_started
check "which is told" grep -q 'No space.*nothing is granted' "$T/out"
expect 'open EIO' "open:rw:$L/x"
check "an empty log" cmp /dev/null "$M/audit.jsonl"
lokt_die
expect 'open EIO' "open:rw:$L/x"
rm "$S/ballast"
wait_until 10 "$TRY" "open:rw:$L/x" close || fail "the service does not resume"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
lokt_stop
