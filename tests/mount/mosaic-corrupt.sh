#!/usr/bin/env bash
# lokt demo mosaic --scenario corrupt: its lock service is killed, the log damaged, and it goes on.
#
# "corrupted lock handling"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
dir=$T/mosaic

# paint FLAG…: the scenario, small.
paint() {
	"$LOKT" demo mosaic --dir "$dir" --workers 12 --grid 12x8 --tile 4 --tile-delay 300ms \
		--scenario corrupt "$@" >"$T/out" 2>&1
}

# set_aside: something is, and is in $T/aside: all of it is removed at the end.
set_aside() {
	cp "$dir"/mount.state/set-aside.* "$T/aside" && [ -s "$T/aside" ]
}

# ---- what failed its check is set aside, and no token comes again ----
paint --private --freeze-at 90% --freeze-for 2s &
run=$!
wait_until 20 set_aside || fail "nothing is set aside: $(<"$T/out")"
check "the damage is in it" grep -q '####' "$T/aside"
wait $run
same "it ends well: $(<"$T/out")" 0 $?
check "said" grep -Eq '^  seen +the lock service was killed at [5-9][0-9] %' "$T/out"
check "corrupt-break" grep -q '^  seen  .*corrupt-break' "$T/out"
check "verified" grep -q '^VERIFIED  96 tiles' "$T/out"
refute "all was seen" grep -q 'NOT SEEN' "$T/out"
check "tokens jump over what may have been lost" jq -es 'map(.token) | . == (sort | unique) and
	([.[1:], .[:-1]] | transpose | any(.[0] - .[1] > 1000))' "$dir/mosaic.ledger.jsonl"
refute "nothing is left" [ -e "$dir/mount.state" ]
check "what the daemon had to say" grep -q 'fail their check' "$dir/mount.log"

# ---- the log of others is not touched, nor the mosaic that is there ----
lokt_start
before=$(sha256sum "$dir/mosaic.ledger.jsonl")
paint --mount "$M"
same "a usage error" 64 $?
check "what to do" grep -q 'add --private' "$T/out"
same "the old mosaic is whole" "$before" "$(sha256sum "$dir/mosaic.ledger.jsonl")"
