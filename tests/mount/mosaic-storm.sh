#!/usr/bin/env bash
# lokt demo mosaic while its lock service dies, again and again: it completes, and no worker notices.
#
# "`kill -9` of the server in a loop during `lokt demo mosaic …` and the mosaic completes, verified, without
# one worker seeing an error"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/terminal.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1

unset LOKT_MOUNT LOKT_ROOT
lokt_start
trap terminal_end EXIT

# part NAME: the process id of the server, or of the supervisor, as the mount has it.
part() {
	local text
	text=$(<"$M/status.json")
	[[ $text =~ \"$1\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

painting() {
	[ ! -e "$T/code" ]
}

# ---- the painting, on a terminal, and who looks on ----
"$LOKT" audit --tail --mount "$M" >"$T/tail" 2>&1 &
tail=$!
# shellcheck disable=SC2016 # for that shell
shows 130x45 bash -c '"$@"; echo $? >code' bash "$LOKT" demo mosaic --mount "$M" --dir "$T/storm" \
	--name storm --workers 64 --grid 30x20 --tile 4 --tile-delay 5ms --chunk-delay 0 --timeout none --ttl 1h
wait_until 20 begun storm 5 || fail "it does not begin: $(screen)"

# ---- the storm ----
# A server may be dead already when it is killed, and the text of the status too old by one. Each paints a
# little, or on a busy machine this would have no end.
deaths=0
goes_on() {
	begun storm $((painted + 1)) || ! painting
}
while painting; do
	[ $deaths -lt 100 ] || { # enough
		sleep 0.1
		continue
	}
	painted=$(tiles storm)
	kill -KILL "$(part pid)" 2>/dev/null && deaths=$((deaths + 1))
	[ $((deaths % 10)) -ne 5 ] || kill -KILL "$(part supervisor_pid)" 2>/dev/null
	wait_until 20 goes_on || fail "nothing is painted any more: $(screen)"
	sleep 0.05
done
lokt_started
[ $deaths -ge 5 ] || fail "only $deaths servers were killed: too short to show anything"

# ---- nobody noticed ----
same "its exit code, with $(screen)" 0 "$(<"$T/code")"
sees '^ ?VERIFIED +600 tiles'
restarts=$(jq .daemon.restarts "$M/status.json")
within "restarts, of $deaths killed" 5 $((2 * deaths)) "$restarts"
same "what the workers reported besides their waits" "" \
	"$(jq -c 'select(has("wait_us") | not)' "$T/storm/mosaic.reports.jsonl")"
same "ends of holds that are no releases, and denials but of those who were no longer needed" "" \
	"$(events '.name == "storm" and .reason != "cancelled" and
		(.event | IN("acquire", "renew", "release") | not)')"
check "each hold was granted once, and given back once" jq -es '
	map(select(.name == "storm")) | (map(select(.event == "acquire") | .token)) as $a |
	(map(select(.event == "release") | .token)) as $r | $a == ($a | unique) and $a == ($r | sort)' \
	"$M/audit.jsonl"
check "the chain" "$LOKT" audit verify --mount "$M"
left storm

# ---- nor did who looked on ----
kill -0 $tail || fail "audit --tail has ended: $(tail -n 3 "$T/tail")"
echo 1s >"$M/freezes/last"
wait_until 5 grep -q ' freeze .*last' "$T/tail" || fail "the end is not there: $(tail -n 3 "$T/tail")"
kill $tail
refute "a word of its own" grep '^lokt:' "$T/tail"
