#!/usr/bin/env bash
# lokt audit: the events, those that were and those that come.
#
# "`audit [--tail] [--since] [--name] [--json]` · `audit verify [FILE]`", "a changed, missing or
# reordered line shows, the log's head and tail are checked against `status.json`"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M
me=$(id -un)

for name in one two; do
	check "a hold" "$LOKT" guard $name -- true
done

# ---- history ----
same "unchanged" "$(cat "$M/audit.jsonl")" "$("$LOKT" audit --json)"
"$LOKT" audit >"$T/out"
same "as many lines" "$(wc -l <"$M/audit.jsonl")" "$(wc -l <"$T/out")"
check "in words" grep -Eq "^2[0-9T:.-]+Z  acquire +one +$me  pid [0-9]+  token [0-9]+  waited" \
	"$T/out"
check "release" grep -Eq "  release +one +$me .* held [0-9]+ ms\$" "$T/out"
same "of one name" "acquire release" \
	"$("$LOKT" audit --name two --json | jq -r .event | xargs)"

# ---- since: a directory stands in for a mount whose last event is of half an hour ago, the others of days ----
mkdir -p "$T/old"
echo '{"version":1}' >"$T/old/status.json"
"$LOKT" freeze one --ttl 1h >/dev/null
recent=$(date -u -d '30 minutes ago' +%FT%T) start=$(date -u -d '40 minutes ago' +%FT%T)
sed "s/\"ts\":\"[^\"]*\"/\"ts\":\"2026-01-28T20:15:12.123Z\"/; \$s/2026-01-28T20:15:12/$recent/" \
	"$M/audit.jsonl" >"$T/old/audit.jsonl"
for since in 1h 45m "$start" "${start}Z" "${start/T/ }"; do
	same "since $since" "freeze" \
		"$(LOKT_MOUNT=$T/old "$LOKT" audit --since "$since" --json | jq -r .event | xargs)"
done
same "since 10m" "" "$(LOKT_MOUNT=$T/old "$LOKT" audit --since 10m)"
check "since ever" [ "$("$LOKT" audit --since 2020-01-01 | wc -l)" -gt 4 ]
same "since later" "" "$("$LOKT" audit --since 2999-01-01)"
for bad in yesterday 2026-13 -5 ''; do
	"$LOKT" audit --since "$bad" 2>/dev/null
	same "--since '$bad'" 64 $?
done

# ---- from now on ----
"$LOKT" audit --tail --json >"$T/tail" &
tail=$!
"$LOKT" audit --tail --name two >"$T/two" &
two=$!
"$LOKT" audit --tail --since 2020-01-01 --json >"$T/all" &
all=$!
wait_until 5 test -s "$T/all" || fail "--tail with --since does not begin with what was"
for pid in $tail $two; do
	wait_until 5 reads_at_end $pid || fail "--tail does not go to the end"
done
"$LOKT" unfreeze one
check "a hold" "$LOKT" guard two -- true
wait_until 5 grep -q release "$T/two" || fail "--tail does not follow"
wait_until 5 grep -q release "$T/tail" || fail "--tail --json does not follow"
wait_until 5 cmp -s "$T/all" "$M/audit.jsonl" || fail "--tail --since is not the whole log"
same "nothing from before" "unfreeze acquire release" "$(jq -r .event "$T/tail" | xargs)"
same "nothing of others" 2 "$(wc -l <"$T/two")"
die TERM $tail
die TERM $two
die TERM $all
same "a reader that goes away ends it" 0 \
	"$("$LOKT" audit | head -n 1 >/dev/null; echo "${PIPESTATUS[1]}")"

# ---- verify ----
"$LOKT" audit verify >"$T/out" || fail "the log is not intact"
check "it says so" grep -Eq '^intact: [0-9]+ lines, seq 1 to [0-9]+$' "$T/out"
same "as JSON" "true $(tail -n 1 "$M/audit.jsonl" | jq -r .h) $(wc -l <"$M/audit.jsonl") 1 GENESIS" \
	"$("$LOKT" audit --json verify | jq -r '"\(.intact) \(.h) \(.lines) \(.first_seq) \(.prev)"')"
cp "$M/audit.jsonl" "$T/log"
check "a copy" "$LOKT" audit verify "$T/log"
check "from standard input, without a mount" env LOKT_MOUNT=/nowhere "$LOKT" audit verify - <"$T/log"
sed 1,4d "$T/log" >"$T/end"
check "the end of it" grep -q 'what came before is not kept' <("$LOKT" audit verify "$T/end")

# broken WHAT LINE WORDS SED-SCRIPT: a log so changed fails at this line.
broken() {
	sed "$4" "$T/log" >"$T/broken"
	"$LOKT" audit verify "$T/broken" >"$T/out" 2>&1
	same "$1: exit code" 1 $?
	grep -q "^lokt: $T/broken: line $2: .*$3" "$T/out" || fail "$1: $(<"$T/out")"
	same "$1, as JSON" "false $2" \
		"$("$LOKT" audit verify --json "$T/broken" 2>/dev/null | jq -r '"\(.intact) \(.line)"')"
}
broken "another name" 3 "was changed" '3s/"one"/"two"/'
broken "another hash" 3 "was changed" '3{s/"h":"0/"h":"1/;t;s/"h":"./"h":"0/;}'
broken "a line is missing" 4 "does not follow" 4d
broken "a line twice" 5 "does not follow" 4p
broken "two lines swapped" 4 "does not follow" '4{h;d;};5G'
broken "no line of a log" 2 "does not end with its hash" '2s/.*/{}/'
broken "no JSON" 1 "does not end with its hash" '1i hello'
printf '{"seq"' | cat "$T/log" - >"$T/broken"
"$LOKT" audit verify "$T/broken" >"$T/out" 2>&1
same "half a line at the end" 1 $?
check "says so" grep -q "line $(($(wc -l <"$T/log") + 1)): it has no end" "$T/out"
for bad in /dev/null "$T" "$T/nothing-here"; do
	"$LOKT" audit verify "$bad" >"$T/out" 2>&1
	same "$bad" 1 $?
done
"$LOKT" audit verify a b 2>/dev/null
same "usage" 64 $?

# The mount's own log has to go on to where its status says, and to begin with a checkpoint: a
# directory with the same files stands in for a mount that lies.
mkdir -p "$T/fake"
export LOKT_MOUNT=$T/fake
cp "$T/log" "$T/fake/audit.jsonl"
jq -c '{log: {seq, h}}' <(tail -n 1 "$T/log") >"$T/fake/status.json"
check "as it should be" "$LOKT" audit verify
sed '$d' "$T/log" >"$T/fake/audit.jsonl"
"$LOKT" audit verify 2>"$T/out"
same "the last line is gone" 1 $?
check "says so" grep -q 'ends before seq' "$T/out"
sed 1d "$T/log" >"$T/fake/audit.jsonl"
"$LOKT" audit verify 2>"$T/out"
same "the first line is gone" 1 $?
check "says so" grep -q 'line 1: what came before it is missing' "$T/out"
cp "$T/log" "$T/fake/audit.jsonl"
jq -c '{log: {seq, h: .prev}}' <(tail -n 1 "$T/log") >"$T/fake/status.json"
"$LOKT" audit verify 2>"$T/out"
same "another hash than in the status" 1 $?
