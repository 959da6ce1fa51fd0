#!/usr/bin/env bash
# lokt audit: the events, those that were and those that come.
#
# "`audit [--tail] [--since] [--name] [--json]`"
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

# ---- since ----
sleep 1.2
start=$(date -u +%FT%T)
"$LOKT" freeze one --ttl 1m >/dev/null
for since in 1s "$start" "${start}Z" "${start/T/ }"; do
	same "since $since" "freeze" "$("$LOKT" audit --since "$since" --json | jq -r .event | xargs)"
done
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
sleep 0.3
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
