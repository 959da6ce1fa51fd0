#!/usr/bin/env bash
# lokt demo mosaic: orders, two phases, and what a fencing token is for.
#
# "Optional modes: `lokt|nolock|broken`", "`--order hilbert|spiral|scanline`", "Two-phase protocol:
# claim, compute outside the lock, commit", "Given `--seed`, the final mosaic must be bit-for-bit
# identical", "Configure a subset of workers with `--timeout 100ms`"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M TERM=dumb
lines=mosaic.ledger.jsonl

quick=(--tile 4 --tile-delay 5ms --chunk-delay 0)

# mosaic DIR FLAG…: paints in $T/DIR, fast unless told otherwise. What it says is in $T/out.
mosaic() {
	"$LOKT" demo mosaic --dir "$T/$1" "${quick[@]}" "${@:2}" >"$T/out" 2>&1
}

# start DIR FLAG…: the same in the background; sets `run`.
start() {
	"$LOKT" demo mosaic --dir "$T/$1" "${quick[@]}" "${@:2}" >"$T/out" 2>&1 &
	run=$!
}

# verified DIR FLAG…: it does, and is.
verified() {
	mosaic "$@" || fail "${*:2}: $(<"$T/out")"
	check "${*:2}" grep -q '^VERIFIED' "$T/out"
}

# workers: the pids of the workers of `run`, a line each.
workers() {
	xargs -n 1 <"/proc/$run/task/$run/children"
}

# begun DIR TILES: so many tiles are in the ledger.
begun() {
	[ "$(wc -l <"$T/$1/$lines")" -ge "$2" ]
}

# waiting NAME COUNT: so many wait for the lock.
waiting() {
	[ "$(status "$1" '.waiters | length')" = "$2" ]
}

# reported DIR KIND COUNT: the workers have reported that at least so often.
reported() {
	[ "$(grep -c "\"$2\":" "$T/$1/mosaic.reports.jsonl")" -ge "$3" ]
}

# each_once DIR TILES: every index is in the ledger, once.
each_once() {
	same "each tile once" "$(seq 0 $(($2 - 1)) | xargs)" "$(jq .i "$T/$1/$lines" | sort -n | xargs)"
}

# no_lock: nothing is held or waited for any more.
no_lock() {
	[ "$(jq '[.locks[] | select(.state == "held" or (.waiters | length) > 0)] | length' \
		"$M/status.json")" = 0 ]
}

# ---- orders ----
verified line --grid 8x6 --workers 4
check "line by line" jq -e '.x == .i % 8 and .y == (.i / 8 | floor)' "$T/line/$lines"
verified hilbert --grid 8x6 --workers 4 --order hilbert
verified spiral --grid 8x6 --workers 4 --order spiral
for order in hilbert spiral; do
	check "$order: from neighbour to neighbour" jq -e -s '[range(1; length) as $k |
		(.[$k].x - .[$k - 1].x | fabs) + (.[$k].y - .[$k - 1].y | fabs)] | all(. == 1)' \
		"$T/$order/$lines"
	same "$order: each place once" "$(seq 0 47 | xargs)" \
		"$(jq '.y * 8 + .x' "$T/$order/$lines" | sort -n | xargs)"
	refute "$order is another picture" cmp -s "$T/line/mosaic.ppm" "$T/$order/mosaic.ppm"
done
check "the spiral goes outwards" jq -e -s 'map([.x, 7 - .x, .y, 5 - .y] | min) |
	.[0] == 2 and . == (sort | reverse)' "$T/spiral/$lines"

# ---- the same seed and order: the same picture, by whatever protocol and how many ----
verified many --grid 8x6 --workers 24 --order hilbert --two-phase
check "two phases" cmp "$T/hilbert/mosaic.ppm" "$T/many/mosaic.ppm"
verified many --grid 8x6 --workers 9 --order hilbert --check-token
check "tokens" cmp "$T/hilbert/mosaic.ppm" "$T/many/mosaic.ppm"
check "nothing of the mosaic before" [ ! -e "$T/many/mosaic.claims" ]
refute "nobody is refused" reported many fenced 1
check "the files saw the last token" [ "$(<"$T/many/mosaic.fence")" -ge \
	"$(tail -n 1 "$T/many/$lines" | jq .token)" ]

# ---- two phases: painted at the same time, renewed meanwhile ----
verified two --two-phase --grid 4x4 --workers 8 --ttl 600ms --chunk-size 8 --chunk-delay 90ms
each_once two 16
same "all marked" "################" "$(<"$T/two/mosaic.claims")"
same "mosaic.next" 16 "$(<"$T/two/mosaic.next")"
check "renewed" happened '.event == "renew" and (.name | startswith("mosaic.tile-"))'
wait_until 5 no_lock || fail "left: $(jq -c .locks "$M/status.json")"

# ---- its workers die, many at once, and one is stopped past its TTL over a tile ----

# stop_painter: stops a worker that has a tile, sets `painter`, `tile`.
stop_painter() {
	read -r tile painter < <(jq -r '.locks[] | select(.holder and (.name | startswith("mosaic.tile-"))) |
		"\(.name) \(.holder.pid)"' "$M/status.json")
	workers | grep -qx "${painter:-none}" && kill -STOP "$painter" || return
	sleep 0.05
	[ "$(status "$tile" '.holder.pid // empty')" = "$painter" ] && return
	kill -CONT "$painter" # it had just let go
	return 1
}

# all_paint: each of 16 has a tile.
all_paint() {
	local marks
	marks=$(<"$T/crash/mosaic.claims")
	marks=${marks//[!c]/}
	[ ${#marks} = 16 ]
}

# (The lock to commit under is frozen, so that it is not over before that.)
"$LOKT" freeze mosaic --ttl 5m >/dev/null
start crash --two-phase --grid 8x5 --workers 16 --ttl 500ms --chunk-size 8 --chunk-delay 80ms
wait_until 20 all_paint || fail "it does not begin: $(<"$T/out")"
wait_until 20 stop_painter || fail "nobody to stop"
mapfile -t victims < <(workers | grep -vx "$painter")
for ((k = 0; k < 8; k++)); do
	kill -KILL "${victims[k]}"
done
sleep 0.1
kill -KILL "${victims[@]:8:4}"
wait_until 5 happened '.event == "stale-break" and .name == $tile' --arg tile "$tile" ||
	fail "it did not expire"
kill -CONT "$painter"
"$LOKT" unfreeze mosaic >/dev/null
wait $run
same "it completes: $(<"$T/out")" 0 $?
check "it is what it should be" grep -q '^VERIFIED' "$T/out"
each_once crash 40
check "killed" grep -q '12 killed' "$T/out"
check "others took over" reported crash recovered 1
check "who slept did not commit" reported crash lost 1
wait_until 5 no_lock || fail "left: $(jq -c .locks "$M/status.json")"

# ---- a lock that is too short: only the token helps ----
mosaic broken --mode broken --grid 4x4 --workers 6 --chunk-size 8
same "broken" 1 $?
check "FAILED" grep -q FAILED "$T/out"
check "a tile twice" grep -q 'no tile twice' "$T/out"
check "the chain" grep -q 'the hash chain holds' "$T/out"
verified broken --mode broken --check-token --grid 4x4 --workers 6 --chunk-size 8
check "refused" reported broken fenced 1
each_once broken 16

# ---- the impatient give up, the others wait ----
hold holder mosaic
start impatient --grid 4x4 --workers 8 --impatient 50% --timeout none
wait_until 10 reported impatient impatient 12 || fail "nobody is impatient: $(<"$T/out")"
within "half of them" 1 4 "$(jq 'select(.impatient).pid' "$T/impatient/mosaic.reports.jsonl" | sort -u | wc -l)"
refute "who is patient does not give up" reported impatient timeout 1
let_go "$holder"
wait $run
same "it completes: $(<"$T/out")" 0 $?

# ---- frozen: everybody waits for the thaw, and nobody runs meanwhile ----

# switches: how often the workers have gone to sleep so far.
switches() {
	local pid
	for pid in $(workers); do
		cat "/proc/$pid/status"
	done | awk '/ctxt_switches/ { sum += $2 } END { print sum }'
}

# asleep: no worker runs for a second.
asleep() {
	local before
	before=$(switches)
	sleep 1
	[ "$(switches)" = "$before" ]
}

"$LOKT" freeze mosaic --ttl 5m >/dev/null
start frozen --grid 8x8 --workers 12 --tile-delay 0
wait_until 10 reported frozen frozen 12 || fail "not frozen: $(<"$T/out")"
wait_until 10 waiting mosaic 12 || fail "they do not wait"
check "denied" happened '.event == "deny" and .reason == "frozen" and .name == "mosaic"'
wait_until 1 asleep || fail "they do not sleep"
same "reported once" 12 "$(grep -c frozen "$T/frozen/mosaic.reports.jsonl")"

# One that is asked to end does so, out of its wait; and so do all.
mapfile -t victims < <(workers)
kill -TERM "${victims[0]}"
wait_until 5 waiting mosaic 11 || fail "it waits on"
"$LOKT" unfreeze mosaic >/dev/null
wait $run
same "it completes: $(<"$T/out")" 0 $?
refute "nobody was killed" grep -q 'killed' "$T/out"

# In two phases they keep their tiles, while the lock to commit under is frozen.
renewed() {
	[ "$(count '.event == "renew" and .name == $name' --arg name "$1")" -ge 3 ]
}
"$LOKT" freeze kept --ttl 5m >/dev/null
start kept --two-phase --name kept --grid 2x2 --workers 4 --ttl 900ms
for tile in 0 1 2 3; do
	wait_until 10 renewed kept.tile-$tile || fail "tile $tile is not kept"
done
"$LOKT" unfreeze kept >/dev/null
wait $run
same "it completes: $(<"$T/out")" 0 $?

# ---- the daemon goes: so do the workers, at once ----
start gone --grid 64x36 --workers 12 --chunk-size 8 --chunk-delay 20ms
wait_until 10 begun gone 2 || fail "it does not begin: $(<"$T/out")"
lokt_stop
wait $run
same "no daemon, no mosaic" 1 $?
check "why" grep -q '12 workers gave up: ' "$T/out"
same "one report each" 12 "$(grep -c errno "$T/gone/mosaic.reports.jsonl")"
