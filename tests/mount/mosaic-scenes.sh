#!/usr/bin/env bash
# lokt demo mosaic: the scenarios, seen and judged; the keys.
#
# "each ends with a verdict that names what was to be seen and whether it was: denials in the audit
# while frozen and progress after; a recovery event after the kill and no tile lost; timeouts counted
# while the others move; the failures of `nolock` listed"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/terminal.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M
# A tile takes some twenty milliseconds, and somebody holds the lock nearly always.
slow=(--tile 8 --chunk-size 64 --chunk-delay 20ms --tile-delay 5ms)

# play NAME FLAG…: without a terminal, in the background; what it says is in $T/NAME.out.
declare -A playing
play() {
	"$LOKT" demo mosaic --dir "$T/$1" --name "$1" "${slow[@]}" "${@:2}" >"$T/$1.out" 2>&1 </dev/null &
	playing[$1]=$!
}

# over NAME CODE: it ends with this code.
over() {
	local code
	wait "${playing[$1]}"
	code=$?
	same "$1: $(<"$T/$1.out")" "$2" $code
}

# stage NAME FLAG…: on a terminal.
stage() {
	shows 130x45 "$LOKT" demo mosaic --mount "$M" --dir "$T/$1" --name "$1" "${slow[@]}" "${@:2}"
}

# number NAME PATTERN: \1 of the last line of what it said that matches.
number() {
	sed -nE "s/$2/\1/p" "$T/$1.out" | tail -n 1
}

# verdict NAME PATTERN…: each is in what it said.
verdict() {
	local pattern
	for pattern in "${@:2}"; do
		grep -Eq -- "$pattern" "$T/$1.out" || fail "$1: no '$pattern' in: $(<"$T/$1.out")"
	done
}

# curtain NAME CODE: the run on the terminal ends so; what is there then is what it said.
curtain() {
	ended "$2"
	screen >"$T/$1.out"
	left "$1"
}

# logged NAME FILTER: how many such events the log has of the lock, each counted as often as it says.
logged() {
	events ".name == \"$1\" and ($2)" | jq -s 'map(.count // 1) | add // 0'
}

logged_so_many() {
	[ "$(logged "$1" "$2")" = "$3" ]
}

# moment NAME FILTER: when the log has such an event first.
moment() {
	events ".name == \"$1\" and ($2)" | jq -rs '.[0].ts // ""'
}

# painted NAME FILTER [JQ-OPTION…]: tiles of the ledger for which the filter is true.
painted() {
	jq -s "${@:3}" "map(select($2)) | length" "$T/$1/mosaic.ledger.jsonl"
}

# still NAME: it is frozen by us, and nothing is painted.
still() {
	local before
	[ "$(status "$1" '"\(.state) \(.freeze.owner)"')" = "frozen $me" ] || fail "$1 is not frozen"
	before=$(tiles "$1")
	sleep 0.5
	same "$1: nothing is painted while frozen" "$before" "$(tiles "$1")"
}

me=$(id -un)

# ---- what takes no terminal, meanwhile ----
play all --grid 10x6 --workers 24 --timeout 10s --freeze-for 1s --scenario all
play hooks --grid 10x10 --workers 24 --timeout 1m --freeze-at 30% --freeze-for 500ms --kill-at 60% \
	--impatient 10%
play late --grid 6x4 --workers 4 --kill-at 100%
play endless --grid 4x4 --workers 3 --ttl none --scenario happy
play alone --grid 6x4 --workers 1 --scenario nolock
play last --grid 6x4 --workers 1 --scenario crash

# ---- happy ----
echo 1h >"$M/freezes/happy" # it must not be over before we look
stage happy --grid 12x6 --workers 6 --scenario happy
sees '^ .* happy .*12x6'
rm "$M/freezes/happy"
curtain happy 0
verdict happy '^ ?VERIFIED +72 tiles' '^Scenario happy' \
	"^  seen  .* renewals .*: $(logged happy '.event == "renew"')\$"

# ---- freeze ----
stage freeze --grid 12x6 --workers 6 --scenario freeze --freeze-for 5s
sees 'FROZEN.*[0-5]\.[0-9] s'
still freeze
curtain freeze 0
when=(--arg from "$(moment freeze '.event == "freeze"')" --arg to "$(moment freeze '.event == "thaw"')")
verdict freeze '^ ?VERIFIED +72 tiles' '^  seen  .* frozen at [3-9][0-9] %, and thawed by itself after [5-9]' \
	"^  seen  .* stopped: $(painted freeze '.ts > $from and .ts < $to' "${when[@]}") tile" \
	"^  seen  .* after the thaw: $(painted freeze '.ts >= $to' "${when[@]}") tile"
denied=$(number freeze '^  seen  .* denials .*: ([0-9]+)$')
wait_until 5 logged_so_many freeze '.event == "deny" and .reason == "frozen"' "$denied" ||
	fail "not so many were denied"
same "denied while it was frozen" "" "$(events '.name == "freeze" and .reason == "frozen"
	and .count == null and (.ts < $from or .ts > $to)' "${when[@]}")"

# ---- crash ----
stage crash --grid 12x6 --workers 6 --scenario crash
curtain crash 0
victim=$(events '.event == "auto-prune" and .name == "crash"' | jq .pid)
pruned=$(moment crash '.event == "auto-prune"')
verdict crash '^ ?VERIFIED +72 tiles' "^  seen  .* killed at [6-9][0-9] %: pid $victim\$" \
	"^  seen  .* auto-prune, at ${pruned:11:12}\$" \
	"^  seen  .* went on: $(painted crash '.ts >= $pruned' --arg pruned "$pruned") tile" \
	'^  seen  .*no tile was lost' '1 killed'

# ---- timeout ----
stage timeout --grid 16x6 --workers 24 --timeout 1m --scenario timeout --impatient 20%
curtain timeout 0
verdict timeout '^ ?VERIFIED +96 tiles' '^  seen  .* 5 workers gave up' '^  seen  .* others moved: [1-9]'
gave_up=$(number timeout '^  seen  .* gave up after 100 ms, ([0-9]+) times$')
wait_until 5 logged_so_many timeout '.event == "deny" and .reason == "timeout"' "$gave_up" ||
	fail "$gave_up timeouts are not what the log has: $(logged timeout '.reason == "timeout"')"

# ---- nolock ----
stage nolock --grid 24x12 --workers 40 --tile-delay 500ms --scenario nolock
curtain nolock 1
verdict nolock FAILED '^first offending tile: [0-9]+' 'hash chain' '^  seen  .*it failed'
same "it has no lock" "" "$(events '.name == "nolock"')"

# ---- keys ----
stage keys --grid 10x6 --workers 8 --freeze-for 1m --chunk-delay 60ms
wait_until 10 begun keys 5 || fail "it does not begin: $(screen)"
press f
sees 'FROZEN [0-9.]+ s'
check "a freeze as any other" [ -e "$M/freezes/keys" ]
still keys
press u
misses 'FROZEN'
[ ! -e "$M/freezes/keys" ] || fail "it is still frozen"
wait_until 10 begun keys $(($(tiles keys) + 1)) || fail "it does not go on"
press k
wait_until 10 happened '.event == "auto-prune" and .name == "keys"' || fail "nobody dies: $(screen)"
curtain keys 0
verdict keys '^ ?VERIFIED +60 tiles' '1 killed'

stage quit --grid 64x36 --workers 8
wait_until 10 begun quit 5 || fail "it does not begin: $(screen)"
press q
curtain quit 130
refute "no proof of what is not done" grep -Eq 'VERIFIED|FAILED' "$T/quit.out"

# ---- a verdict can say no ----
over late 1
verdict late VERIFIED '^  NOT SEEN  the holder is killed$'
same "nobody was killed" 0 "$(logged late '.event == "auto-prune"')"
over endless 1
verdict endless VERIFIED '^  NOT SEEN  .*renewals'
over alone 1
verdict alone VERIFIED '^  NOT SEEN  without the lock'
over last 1
verdict last FAILED '^  seen  .*killed' '^  seen  .*recovery' '^  NOT SEEN  .*went on: 0 tiles' '^  NOT SEEN  .*lost'

# Nobody waits for long, so nobody gives up.
play brief --grid 4x4 --workers 1 --impatient 100% --scenario timeout
over brief 1
verdict brief VERIFIED '^  NOT SEEN  somebody gives up: no wait took 100 ms'

# Somebody lifts each freeze at once. (A worker may still run into it, and be seen to.)
echo lifted-0 >"$T/lift"
while [ -e "$T/lift" ]; do
	name=$(<"$T/lift")
	[ -e "$M/freezes/${name:-none}" ] && echo 1ms >"$M/freezes/$name"
done 2>/dev/null &
lifter=$!
for ((tries = 0; tries < 20; tries++)); do
	lifted=lifted-$tries
	echo $lifted >"$T/lift"
	play $lifted --grid 4x2 --workers 1 --tile-delay 300ms --chunk-delay 5ms --scenario freeze
	wait "${playing[$lifted]}"
	code=$?
	logged_so_many $lifted '.event == "deny"' 0 && break
done
rm "$T/lift"
wait $lifter
same "frozen for nobody" 1 $code
verdict $lifted VERIFIED '^  NOT SEEN  .*denials .*: 0$'

# ---- hooks without a scenario ----
over hooks 0
verdict hooks '^  seen  .* frozen at [3-9]' '^  seen  .* killed at [6-9]' '^  seen  .* 3 workers gave up'
refute "all was seen" grep -q 'NOT SEEN' "$T/hooks.out"
refute "no scenario" grep -q Scenario "$T/hooks.out"

# ---- all of them ----
over all 0
same "in turn" "happy freeze crash timeout nolock" "$(sed -n 's/^== //p' "$T/all.out" | xargs)"
same "each as it should be" 5 "$(grep -Ec '^[a-z]+ +as it should be$' "$T/all.out")"
verdict all '^corrupt +not played: .*--private'
same "one FAILED, where it had to" "4 1" \
	"$(grep -c '^VERIFIED' "$T/all.out") $(grep -c '^FAILED' "$T/all.out")"
refute "no control bytes" grep -q '[[:cntrl:]]' <(tr -d '\n' <"$T/all.out")
left all
