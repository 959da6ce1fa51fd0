#!/usr/bin/env bash
# The log, rotated by size.
#
# "`checkpoint`: first line of each log file: the full state, from which recovery starts; chained
# like any other", "`audit`: seekable, offsets are logical and never reused,", "A reader overrun by
# the retained history (`-o audit_max=`) gets one unchained `{"event":"missed","count":N}`."
. "$(dirname "$0")/lib.sh" || exit 1

max=65536
lokt_start audit_max=$max

# cycles NUMBER: about so many events.
cycles() {
	"$CROWD" churn 1 $(($1 / 2)) "$L" >"$T/churn" || fail "$(cat "$T/churn")"
}

# A slow reader begins with the first line, and goes on when most is gone.
exec 8<"$M/audit"
same "the first bytes" '{"seq":1,"ts":"' "$(dd bs=15 count=1 status=none <&8)"
exec 7<>"$L/held@ttl=1h"
token=$(jq .token <&7)
echo 1h >"$M/freezes/frozen"
cycles 2000

cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
first=$(head -n 1 "$T/log" | jq .seq)
last=$(tail -n 1 "$T/log" | jq .seq)
[ "$last" -gt 2000 ] || fail "only $last events"
[ "$first" -gt 1 ] || fail "nothing was trimmed"
within "bytes retained" $((max / 4)) $((max * 2)) "$(wc -c <"$T/log")"
same "the head in the status" "$last" "$(jq .log.seq "$M/status.json")"

# On the disk: every file begins with a checkpoint, and the chain goes on over the files.
files=0
for file in $(lib_stored); do
	files=$((files + 1))
	same "the first line of $file" checkpoint "$(head -n 1 "$file" | jq -r .event)"
	cat "$file"
done >"$T/stored"
[ $files -ge 2 ] || fail "$files log files: this test tests nothing"
within "bytes on the disk" $((max / 4)) $((max * 4)) "$(du -sb "$S" | cut -f1)"
verify_chain "$T/stored" '*'

# The slow reader.
cat <&8 >"$T/after" &
slow=$!
exec 8<&-
wait_until 5 grep -q "^{\"seq\":$last," "$T/after" || fail "the slow reader does not come to the end"
die TERM $slow
same "missed, once" 1 "$(grep -c '"event":"missed"' "$T/after")"
line=$(grep '"event":"missed"' "$T/after")
check "it has no seq and no chain" jq -e '(has("seq") or has("h") or has("prev")) | not' <<<"$line"
check "it is not in the file" eval '! grep -q "\"missed\"" "$M/audit.jsonl"'
# The reader had the beginning of the first line; that line's rest may have come before.
read_before=$(grep -B 1000000 '"missed"' "$T/after" | grep -c '"h":')
next=$(grep -A 1 '"missed"' "$T/after" | tail -n 1 | jq .seq)
count=$(jq .count <<<"$line")
within "the count: from the last one seen to the next" $((next - 2 - read_before)) \
	$((next - 1 - read_before)) "$count"
# From there on nothing is missing.
grep -A 1000000 '"missed"' "$T/after" | sed 1d >"$T/rest"
[ -s "$T/rest" ] || fail "nothing after missed"
verify_chain "$T/rest" '*'

# Offsets are never reused: SEEK_END lies behind all that ever was.
at=$("$TRY" "open:rd:$M/audit" seek:end | sed -n 's/^seek //p')
[ "$at" -gt $((max * 4)) ] || fail "the end is at $at"

# A start reads the last checkpoint on: the freeze, the tokens and the chain are there.
same "held" "$token" "$(status held .holder.token)"
exec 7<&-
h=$(jq -r .log.h "$M/status.json")
lokt_stop
lokt_start audit_max=$max
check "frozen" state_is frozen frozen
exec 7<>"$L/next"
[ "$(jq .token <&7)" -gt "$token" ] || fail "the tokens do not grow"
exec 7<&-
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
grep -q "\"prev\":\"$h\"" "$T/log" || fail "the chain does not go on where it was"

# A state that is longer than a file may be: it is not written again at every event, and the history
# is kept all the same.
(
	for i in $(seq 300); do exec {fd}<>"$L/many-$i" || fail "cannot hold many-$i"; done
	begin=$("$TRY" "open:rd:$M/audit" seek:end | sed -n 's/^seek //p')
	cycles 400
	end=$("$TRY" "open:rd:$M/audit" seek:end | sed -n 's/^seek //p')
	within "bytes for 400 events" 1 $((400 * 1000)) $((end - begin))
	kept=$(wc -l <"$M/audit.jsonl")
	[ "$kept" -ge 100 ] || fail "only $kept events are kept"
) || exit 1

# Servers that live for one file each delete the oldest all the same.
keep=$((34 << 20))
lokt_stop
rm -rf "$S"
lokt_start audit_max=$keep
cycles 130000
for ((i = 0; i < 6; i++)); do
	lokt_die
	cycles 8000
done
[ "$(lib_stored | wc -l)" -gt 16 ] || fail "$(lib_stored | wc -l) log files: this tests nothing"
within "bytes on the disk" $((keep / 2)) $((keep + (5 << 20))) "$(du -sb "$S" | cut -f1)"

# However long the log is, a start reads the last file alone.
lokt_stop
file=$(lib_stored | tail -n 1)
lines=$(wc -l <"$file") seq=$(tail -n 1 "$file" | jq .seq)
[ $((lines * 4)) -lt "$seq" ] || fail "$lines of $seq lines in the last file: this tests nothing"
lokt_start audit_max=$keep
detail=$(tac "$file" | jq -r 'select(.event == "start") | .detail' | head -n 1)
[[ $detail = "events=$seq,"*",read=$lines,"* ]] || fail "events=$seq, read=$lines, and the start says: $detail"
