#!/usr/bin/env bash
# lokt demo mosaic with 1,024 workers: it completes, and whoever waits costs nothing.
#
# "1,024 workers by CI", "Idle workers use no CPU"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M
many=1024

# used: the processor time that all workers of `run` have used so far, in microseconds.
used() {
	workers $run | sed 's|.*|/proc/&/schedstat|' | xargs cat | awk '{ sum += $1 } END { print int(sum / 1000) }'
}

# all_wait: for the thaw.
all_wait() {
	[ "$(status crowd '.waiters | length')" = $many ]
}

# Frozen from the beginning, so that all come to wait.
echo 5m >"$M/freezes/crowd"
"$LOKT" demo mosaic --dir "$T/crowd" --name crowd --workers $many --grid 32x32 --tile 2 --tile-delay 100ms \
	--timeout none >"$T/crowd.out" 2>&1 &
run=$!
wait_until 60 all_wait || fail "not all wait: $(status crowd '.waiters | length'), $(<"$T/crowd.out")"
same "as many processes" $many "$(workers $run | wc -l)"
same "nothing is painted" 0 "$(tiles crowd)"

before=$(used)
sleep 2
after=$(used)
[ "$before" -gt 0 ] || fail "the time they use is not seen"
within "microseconds that $many waiting processes used in two seconds" 0 20000 $((after - before))

rm "$M/freezes/crowd"
wait $run
code=$?
same "it completes: $(<"$T/crowd.out")" 0 $code
check "all tiles" grep -q '^VERIFIED  1024 tiles' "$T/crowd.out"
left crowd
same "no tile by two, and by many" 1024 "$(jq .i "$T/crowd/mosaic.ledger.jsonl" | sort -un | wc -l)"
[ "$(jq .pid "$T/crowd/mosaic.ledger.jsonl" | sort -u | wc -l)" -gt 200 ] || fail "few painted"
