#!/usr/bin/env bash
# The daemon is killed.
#
# "and survives the daemon and the machine.", "`corrupt-break`: stored state failed its check and
# was set aside, never guessed at", "`start`, `stop`, `recover`: the daemon came, went, came back
# over a crash"
. "$(dirname "$0")/lib.sh" || exit 1
flights shared

# Chain, freeze and tokens go on; reported is the recovery.
goes_on() {
	cat "$M/audit.jsonl" >"$T/after"
	tail -n 200 "$T/after" >"$T/end"
	verify_chain "$T/end" '*'
	check "it recovered" grep -q '"event":"recover"' "$T/end"
	expect 'open EBUSY' "open:rw:$L/frozen"
	exec 9<>"$L/x@try" || fail "x is not free"
	[ "$(jq .token <&9)" -gt "$token" ] || fail "the tokens do not grow over a crash"
	token=$(jq .token <&9)
	exec 9>&-
}
# newest: the log file that is written to.
newest() {
	lib_stored | tail -n 1
}
# reported WORD: the log, or the daemon's message, says so.
reported() {
	cat "$T/daemon.log" "$M/audit.jsonl" | grep -qiE "$1"
}

lokt_start
echo 1h >"$M/freezes/frozen"
exec 9<>"$L/x"
token=$(jq .token <&9)
hold holder y
queue waiter y
hold group g1+g2@ttl=1h
hold shared1 sh@shared
hold shared2 sh@shared,bind=pid
hold slot sl@slots=2
cat "$M/audit" >"$T/stream" &
reader=$!
cat "$M/audit.jsonl" >"$T/before"
lokt_kill
exec 9>&-
wait_until 5 gone "$waiter" || fail "a waiter outlives the daemon: $(said "$waiter")"
wait_until 5 gone $reader || fail "a reader outlives the daemon"
# shellcheck disable=SC2154 # hold sets these
kill -KILL "$holder" "$group" "$shared1" "$shared2" "$slot"
wait 2>/dev/null
lokt_start
check "what was logged stays" cmp "$T/before" <(head -n "$(wc -l <"$T/before")" "$M/audit.jsonl")
goes_on
# The hold of the dead process ended, and so says the log; nobody is granted twice.
wait_until 5 state_is y free || fail "the dead hold on"
same "how it ended" 1 "$(count '.name == "y" and .event == "auto-prune"')"
expect 'open OK' "open:rw:$L/y@try"
same "every kind of hold" '{"name":"sh"} {"name":"sh"} {"name":"sl"} {"names":["g1","g2"]}' \
	"$(events '.event == "auto-prune" and .name != "y" and .name != "x" and .reason == "unknown"' |
		jq -c '{names, name} | del(..|nulls)' | sort | paste -sd ' ')"
expect 'open OK' "open:rw:$L/g2+sh@try"
expect 'open OK' "open:rw:$L/sl@try"

# In the middle of work: every line that anybody was answered for is there.
for round in 1 2 3; do
	"$CROWD" churn 4 1000000000 "$L" >"$T/churn" &
	churn=$!
	sleep 0.1
	cat "$M/audit.jsonl" >"$T/before"
	lokt_kill
	kill -KILL $churn
	wait $churn 2>/dev/null
	lokt_start
	check "round $round: nothing is lost" \
		cmp "$T/before" <(head -c "$(wc -c <"$T/before")" "$M/audit.jsonl")
	goes_on
done

# A torn last line is set aside and reported, and the chain goes on from the one before.
lokt_kill
lines=$(stored_log | wc -l)
file=$(newest)
printf '{"seq":%d,"ts":"2026-01-28T20:15:1' $((lines + 1)) >>"$file"
: >"$T/daemon.log"
lokt_start
goes_on
same "not in the log" 0 "$(grep -c '20:15:1$' "$T/after")"
reported 'torn|set aside|corrupt|incomplete|partial' || fail "a torn line, and nobody tells"

# A grant whose line was torn is not granted again under its number: tokens jump ahead.
exec 9<>"$L/torn"
token=$(jq .token <&9)
lokt_kill
exec 9>&-
file=$(newest)
at=$(grep -abo "\"event\":\"acquire\",\"name\":\"torn\",\"token\":$token," "$file" | cut -d: -f1)
truncate -s $((at + 20)) "$file"
lokt_start
goes_on
same "the grant that was torn" 0 "$(count '.name == "torn"')"

# A whole last line whose check fails is set aside too, and garbage with zeros.
for damage in '{"seq":1,"ts":"x","event":"acquire","name":"evil","prev":"GENESIS","h":"00"}\n' \
	'\0\0\0\0\0\0\0\0' '\377\376\n\n{}\n'; do
	lokt_kill
	file=$(newest)
	# shellcheck disable=SC2059 # the damage is the format
	printf "$damage" >>"$file"
	: >"$T/daemon.log"
	lokt_start
	goes_on
	check "evil is free" state_is evil free
done

# A line changed in the middle: told, never believed in silence.
lokt_kill
file=$(newest)
sed -i '0,/"event":"release"/s//"event":"relexse"/' "$file"
: >"$T/daemon.log"
if "$LOKTFS" -o "state=$S" "$M" </dev/null >>"$T/daemon.log" 2>&1; then
	lokt_started
	happened '.event == "corrupt-break"' || fail "a changed line, and no corrupt-break"
	exec 9<>"$L/x@try"
	[ "$(jq .token <&9)" -gt "$token" ] || fail "the tokens do not grow"
	exec 9>&-
	lokt_stop
else
	same "one clear line" 1 "$(wc -l <"$T/daemon.log")"
fi
