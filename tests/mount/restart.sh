#!/usr/bin/env bash
# The daemon is stopped and started again.
#
# "`ESHUTDOWN`: the daemon is being stopped for good", "`token` is the fencing token: a 64-bit
# integer that grows with every grant, across names, restarts and reboots.", "and survives the
# daemon and the machine.", "`start`, `stop`, `recover`: the daemon came, went, came back over a
# crash"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
exec 9<>"$L/x"
token=$(jq .token <&9)
exec 9>&-
echo 1h >"$M/freezes/long"
echo 1h >"$M/freezes/lifted"
rm "$M/freezes/lifted"
frozen_at=$(now_ms)
echo 4s >"$M/freezes/short"
cat "$M/audit.jsonl" >"$T/before"
verify_chain "$T/before"

# SIGTERM, with somebody holding and somebody waiting.
hold holder y
queue waiter y
queue another y@frozen=wait,timeout=60s
cat "$M/audit" >"$T/stream" &
reader=$!
lokt_stop
refused "$waiter" ESHUTDOWN
refused "$another" ESHUTDOWN
wait_until 5 gone $reader || fail "a reader of the stream hangs"
same "the last line" stop "$(stored_log | tail -n 1 | jq -r .event)"
same "no recovery" 0 "$(stored_log | grep -c '"event":"recover"')"
kill -USR1 "$holder"
wait "$holder"

lokt_start
cat "$M/audit.jsonl" >"$T/after"
verify_chain "$T/after"
check "the history is there" cmp "$T/before" <(head -n "$(wc -l <"$T/before")" "$T/after")
same "the last start was clean" "stop start" \
	"$(jq -s -r '[.[].event | select(. == "stop" or . == "start" or . == "recover")][-2:]
		| join(" ")' "$T/after")"
same "the frozen stay" "long" \
	"$(for name in long lifted; do [ ! -e "$M/freezes/$name" ] || echo $name; done |
		paste -sd ' ')"
expect 'open EBUSY' "open:rw:$L/long"
expect 'open OK' "open:rw:$L/lifted@try"
exec 9<>"$L/x"
[ "$(jq .token <&9)" -gt "$token" ] || fail "the tokens do not grow over a restart"
exec 9>&-
expect 'close OK' "open:rw:$L/y@try" close # its holder is dead
# The time that passed meanwhile counts.
thawed() {
	! [ -e "$M/freezes/short" ]
}
wait_until 10 thawed || fail "a freeze does not end after a restart"
[ $(($(now_ms) - frozen_at)) -ge 3990 ] || fail "a freeze of 4 s ends before its time"

# One daemon for one state.
mkdir "$T/second"
"$LOKTFS" -o "state=$S" "$T/second" >"$T/out" 2>"$T/err" </dev/null &&
	fail "a second daemon on the same state"
same "one line says why" 1 "$(wc -l <"$T/err")"
same "on stderr alone" 0 "$(wc -c <"$T/out")"
grep -qE 'state|use|running|lock' "$T/err" || fail "which is unclear: $(cat "$T/err")"
expect 'open OK' "open:rw:$L/x@try"
same "the first goes on" "$D" "$(jq .daemon.pid "$M/status.json")"

# fusermount3 -u does nothing while somebody holds, and then ends it as cleanly.
hold holder x
refute "unmounting a mount in use" fusermount3 -u "$M"
check "it serves on" state_is x held
let_go "$holder"
check "unmount" fusermount3 -u "$M"
wait_until 10 lokt_ended || fail "the daemon outlives fusermount3 -u"
same "the last line" stop "$(stored_log | tail -n 1 | jq -r .event)"

# A freeze that ran out while nobody was there is not there.
lokt_start
echo 600ms >"$M/freezes/gone"
lokt_stop
sleep 0.7
lokt_start
wait_until 5 eval '! [ -e "$M/freezes/gone" ]' || fail "frozen beyond its TTL"
expect 'open OK' "open:rw:$L/gone@frozen=wait,timeout=2s"
wait_until 5 happened '.event == "thaw" and .name == "gone"' || fail "no thaw in the log"

# Three more times; the chain is one.
for i in 1 2 3; do
	: >"$L/round$i"
	lokt_stop
	lokt_start
done
cat "$M/audit.jsonl" >"$T/after"
verify_chain "$T/after"
check "tokens only grow" jq -s -e '[.[] | select(.event == "acquire") | .token]
	| . == (sort | unique)' "$T/after"
same "the head in the status" "$(tail -n 1 "$T/after" | jq -c '[.seq, .h]')" \
	"$(jq -c '.log | [.seq, .h]' "$M/status.json")"

# The next start takes the mount away, also while its daemon is still dying.
for ((i = 0; i < 25; i++)); do
	mapfile -t pids < <(jq -r '.daemon | .pid, .supervisor_pid' "$M/status.json")
	kill -STOP "${pids[@]}"
	kill -KILL "${pids[@]}"
	lokt_start
done
