#!/usr/bin/env bash
# The event stream, and the same as a file.
#
# "`audit`: the event stream: history, then live; a read at the end waits for the next event",
# "`audit.jsonl`: the same events as an ordinary growing file: grep, wc, jq, tail -f, tail -n 5",
# "One JSON object a line, without spaces: `seq`, `ts`, `event`, `name` (or `names`), `token`,
# `owner`, `uid`, `host`, `pid`, what the event needs besides, and last `prev`, `h`.", "the log's
# head and tail are checked against `status.json`,", "`acquire` (`waited_ms`, `mode`, `kind`):
# granted", "`release` (`held_ms`): closed, or lease removed", "`poll`-able, `O_NONBLOCK` gives
# `EAGAIN` at the end, `SEEK_END` skips the history, any number of readers.", "`grep` and `tail -n`
# want `audit.jsonl`: on `audit` they wait."
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
event() {
	: >"$L/$1"
}
lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# The lines themselves.
"$TRY" "open:rw:$L/first@owner=me:1,ttl=5s" write:renew close "settle:$M" >/dev/null
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "every line is one object, without spaces" eval '! grep -v "^{[^ ]*}$" "$T/log"'
check "what every line of a hold says" jq -s -e --argjson u "$(id -u)" --arg h "$(hostname)" '
	[.[] | select(.name == "first")] | .[0].token as $t
	| ([.[].event] == ["acquire", "renew", "release"])
	and all(.[]; .token == $t and .owner == "me:1" and .uid == $u
		and .host == $h and .pid > 0 and (.ts | test("^20..-..-..T..:..:..[.]...Z$")))
	and (.[0] | .waited_ms >= 0 and .mode == "exclusive" and .kind == "open")
	and (.[1].ttl_ms == 5000) and (.[2].held_ms >= 0)' "$T/log"
check "prev and h are last" jq -e 'keys_unsorted | .[:3] == ["seq", "ts", "event"]
	and .[-2:] == ["prev", "h"]' "$T/log"
same "the first two" "checkpoint start" \
	"$(head -n 2 "$T/log" | jq -s -r '[.[].event] | sort | join(" ")')"
same "the head in the status" "$(tail -n 1 "$T/log" | jq -c '[.seq, .h]')" \
	"$(jq -c '.log | [.seq, .h]' "$M/status.json")"

# A file like others.
event second
same "wc and grep" 1 "$(grep -c '"event":"acquire","name":"second"' "$M/audit.jsonl")"
same "tail -n" release "$(tail -n 1 "$M/audit.jsonl" | jq -r .event)"
size=$(stat -c %s "$M/audit.jsonl")
same "st_size" "$(dd if="$M/audit.jsonl" status=none | wc -c)" "$size"
event third
[ "$(stat -c %s "$M/audit.jsonl")" -gt "$size" ] || fail "st_size does not grow"
tail -n 0 -f "$M/audit.jsonl" >"$T/tail" 2>&1 &
tail=$!
wait_until 5 reads_at_end $tail || fail "tail -f does not go to the end"
event fourth
wait_until 5 lines "$T/tail" 2 || fail "tail -f shows: $(cat "$T/tail")"
same "tail -f" "acquire fourth release fourth" \
	"$(jq -s -r '[.[] | .event, .name] | join(" ")' "$T/tail")"
die TERM $tail
check "nobody writes there" eval '! { echo x >>"$M/audit.jsonl"; } 2>/dev/null'
check "nor there" eval '! { echo x >"$M/audit"; } 2>/dev/null'

# The stream: history, then live.
cat "$M/audit.jsonl" >"$T/log"
n=$(wc -l <"$T/log")
cat "$M/audit" >"$T/stream" &
stream=$!
wait_until 5 lines "$T/stream" "$n" || fail "the history is not all there"
check "it is the history" cmp "$T/log" "$T/stream"
check "and it waits" kill -0 $stream
event live
wait_until 5 lines "$T/stream" $((n + 2)) || fail "the next event does not wake it"
kill -TERM $stream
wait_until 5 gone $stream || fail "a parked reader cannot be ended"
cat "$M/audit.jsonl" >"$T/log"
check "the stream is the file" cmp "$T/log" "$T/stream"
verify_chain "$T/stream"

# At the end.
expect 'read EAGAIN' "open:rd+nonblock:$M/audit" seek:end read
expect 'read EINTR' "open:rd:$M/audit" seek:end catch alarm:200 read
# (poll(2) does not tell the daemon where the reader stands: it knows since the last read)
expect 'poll none' "open:rd+nonblock:$M/audit" seek:end read poll:in:100
"$TRY" "open:rd:$M/audit" seek:end read seek:cur >"$T/end" &
reader=$!
"$TRY" "open:rd+nonblock:$M/audit" seek:end read poll:in:60000 read >"$T/poll" &
poller=$!
wait_until 5 grep -q '^seek' "$T/end" || fail "no end: $(cat "$T/end")"
wait_until 5 grep -q '^read EAGAIN' "$T/poll" || fail "no end: $(cat "$T/poll")"
size=$(stat -c %s "$M/audit.jsonl")
event woken
wait_until 3 gone $reader || fail "the event does not wake a reader"
wait_until 3 gone $poller || fail "the event does not wake a poller"
mapfile -t out <"$T/end"
[[ ${out[2]} =~ ^read\ [0-9]+\ \{\"seq\":[0-9]*,.*\"name\":\"woken\".*\}\\n$ ]] ||
	fail "SEEK_END and read: ${out[2]}"
same "SEEK_END is the end" "seek $size" "${out[1]}"
same "the offset goes with what was read" "seek $((size + $(cut -d' ' -f2 <<<"${out[2]}")))" \
	"${out[3]}"
same "poll" "read EAGAIN poll IN" "$(sed -n '3,4p' "$T/poll" | paste -sd ' ')"
grep -q '^read .*"name":"woken"' "$T/poll" || fail "after poll: $(cat "$T/poll")"

# Anywhere: the middle of the stream is that of the file, byte for byte.
same "pread in the middle" "pread 7 $(tail -c +101 "$T/log" | head -c 7)" \
	"$("$TRY" "open:rd:$M/audit" pread:100:7 | tail -n 1)"
same "by bytes" "$(head -n 2 "$T/log")" "$(dd if="$M/audit" bs=1 count="$(head -n 2 "$T/log" |
	wc -c)" status=none)"

# Many readers: each sees everything.
n=$(wc -l <"$M/audit.jsonl")
readers=()
for ((i = 0; i < 40; i++)); do
	head -n $((n + 20)) "$M/audit" >"$T/reader$i" &
	readers+=($!)
done
for ((i = 0; i < 10; i++)); do
	event "many$i"
done
for ((i = 0; i < 40; i++)); do
	wait_until 10 gone "${readers[i]}" || fail "reader $i waits with $(wc -l <"$T/reader$i") lines"
	cmp "$T/reader0" "$T/reader$i" || fail "reader $i saw something else"
done
same "all of it" $((n + 20)) "$(wc -l <"$T/reader0")"
verify_chain "$T/reader0"
