#!/usr/bin/env bash
# Looking never acquires.
#
# "Every valid spec "exists": `stat` and `open` work without creating anything, and looking (`ls`,
# `stat`, `test -e`) never acquires. `ls locks/` lists the names that are held, waited for or
# frozen; `ls -l` shows the holder's user as owner and the time of the grant as mtime."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

same "a mount that nobody uses lists nothing" "" "$(ls -A "$L")"
same "the root" "audit, audit.jsonl, freezes, leases, locks, metrics, renew, status, status.json" \
	"$(ls -m "$M")"

for spec in x x@try x@shared x@slots=3 x+y x@ttl=1s,timeout=2s,owner=me,bind=pid; do
	check "stat" stat "$L/$spec"
	check "test -e" test -e "$L/$spec"
	check "test -f" test -f "$L/$spec"
	check "test -r" test -r "$L/$spec"
	check "test -w" test -w "$L/$spec"
	check "ls -l" ls -l "$L/$spec"
	check "find" find "$L/$spec"
	check "O_PATH" "$TRY" "open:path:$L/$spec" close
	check "times" "$TRY" "utimes:$L/$spec"
	check "size" "$TRY" "truncate:$L/$spec"
done
check "find all" find "$M" -ls
check "ls -lR" ls -lR "$M"
same "nothing was acquired" 0 "$(count '.event == "acquire" or .event == "deny"')"
check "x is free" state_is x free
same "and not listed" "" "$(ls -A "$L")"

# While it is held, looking does not wait, and does not disturb.
begin=$(date +%s)
exec 9>"$L/x"
end=$(date +%s)
queue waiter x
hold other y
echo 1h >"$M/freezes/z"
same "held, waited for, frozen" "x, y, z" "$(ls -m "$L")"
# … and without having been looked up, they have their kind: no option is part of a name.
same "all are files" 3 "$(find "$L" -type f | wc -l)"
check "ls -l" ls -l "$L"
for spec in x x@try; do
	check "stat" stat "$L/$spec"
	check "test -e" test -e "$L/$spec"
	check "O_PATH" "$TRY" "open:path:$L/$spec" close
done
same "the owner is the holder's user" "$(id -u)" "$(stat -c %u "$L/x")"
within "mtime is the time of the grant" "$begin" "$end" "$(stat -c %Y "$L/x")"
same "the size is 0" 0 "$(stat -c %s "$L/x")"
same "to the millisecond" "$(status x .holder.acquired_ts)" \
	"$(date -u -d "@$(stat -c %.3Y "$L/x")" +%Y-%m-%dT%H:%M:%S.%3NZ)"
same "x is held by us" $$ "$(status x .holder.pid)"
same "and waited for as before" "$waiter" "$(status x '.waiters[0].pid')"
exec 9>&-
granted "$waiter"
same "a new grant, a new mtime" "$(status x .holder.acquired_ts)" \
	"$(date -u -d "@$(stat -c %.3Y "$L/x")" +%Y-%m-%dT%H:%M:%S.%3NZ)"
let_go "$waiter" "$other"
rm "$M/freezes/z"
same "nothing is left" "" "$(ls -A "$L")"

# More than fits into one read of the directory.
for ((i = 100; i < 300; i++)); do
	echo 1h >"$M/freezes/$(printf '%0100d' $i)"
done
same "200 names" 200 "$(find "$L" -type f | wc -l)"
same "of freezes" 200 "$(find "$M/freezes" -type f | wc -l)"
