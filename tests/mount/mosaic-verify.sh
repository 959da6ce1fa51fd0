#!/usr/bin/env bash
# lokt demo mosaic --verify: whatever is damaged is found, and named with the first offending tile.
#
# "entries count == T, i is contiguous 0..T-1 exactly once, chain verifies, all lines parse",
# "strictly increasing i (if single-phase)", "a big red FAILED with the first offending index",
# "`h` is the hex SHA-256 of `prev` followed by the line's own bytes with its last member `,"h":"…"`
# taken out; the first `prev` is `GENESIS`. … The mosaic's ledger is chained by the same rule."
#
# mosaic_model.py knows from these sentences what a mosaic is, and is asked about each as well.
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
need python3
lokt_start
export LOKT_MOUNT=$M TERM=dumb PYTHONDONTWRITEBYTECODE=1

# paint DIR CODE FLAG…: paints in $T/DIR, fast; it ends with that code, and the word for it.
painted=()
paint() {
	"$LOKT" demo mosaic --dir "$T/$1" --tile 3 --tile-delay 2ms --chunk-delay 0 "${@:3}" \
		>"$T/out" 2>&1
	code=$?
	same "painting $1: $(<"$T/out")" "$2" $code
	case $2 in
	0) grep -q '^VERIFIED  [0-9]* tiles, each once' "$T/out" ;;
	*) grep -A 1 -x FAILED "$T/out" | grep -Eq '^first offending tile: ([0-9]+|none)' ;;
	esac || fail "$1 ends with other words: $(<"$T/out")"
	painted+=("$T/$1")
}

paint single 0 --grid 8x5 --workers 8 --seed 18446744073709551615
paint hilbert 0 --grid 8x8 --workers 8 --order hilbert
paint spiral 0 --grid 5x7 --workers 8 --order spiral --two-phase
paint nolock 1 --grid 12x12 --workers 16 --mode nolock --chunk-size 9 --chunk-delay 1ms
python3 "${lib_self%/*}/mosaic-verify.py" "$LOKT" "$T" "${painted[@]}" || fail "see above"
