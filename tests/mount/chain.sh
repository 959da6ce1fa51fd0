#!/usr/bin/env bash
# The chain of the log, checked with the ten lines that the README gives.
#
# "`h` is the hex SHA-256 of `prev` followed by the line's own bytes with its last member
# `,"h":"…"` taken out; the first `prev` is `GENESIS`. So a changed, missing or reordered line shows,",
# "and ten lines of any language can do it.", "The mosaic's ledger is chained by the same rule."
. "$(dirname "$0")/lib.sh" || exit 1

sed -n '/^```python$/,/^```$/p' "$lib_tree/README.md" | sed '1d; $d' >"$T/ten.py"
within "lines of it" 8 11 "$(wc -l <"$T/ten.py")"

# intact FILE, broken DESCRIPTION FILE
intact() {
	check "the chain of $1" python3 "$T/ten.py" <"$1"
}
broken() {
	python3 "$T/ten.py" <"$2" >"$T/out" 2>&1 && fail "$1, and it does not show"
	grep -q '^AssertionError: line' "$T/out" || fail "$1: it fails otherwise: $(cat "$T/out")"
}

lokt_start
hold one a+b@ttl=1h,owner=me:1
queue two a
echo 1h >"$M/freezes/f"
echo 1h >"$M/leases/l"
expect 'open EAGAIN' "open:rw:$L/b@try"
let_go "$one"
granted "$two"
die KILL "$two"
wait_until 5 state_is a free || fail "held by the dead"
lokt_stop
lokt_start
cat "$M/audit.jsonl" >"$T/log"
same "the first prev" GENESIS "$(head -n 1 "$T/log" | jq -r .prev)"
intact "$T/log"
same "the tail in the status" "$(tail -n 1 "$T/log" | jq -r .h)" "$(jq -r .log.h "$M/status.json")"

# By hand, once.
line=$(sed -n 4p "$T/log")
same "h" "$(jq -r .h <<<"$line")" "$(printf '%s%s}' "$(jq -r .prev <<<"$line")" \
	"${line%,\"h\":*}" | sha256sum | cut -d' ' -f1)"

# Every byte of a line counts, and so does its place.
for change in '5s/"uid":0/"uid":1/' '5s/"pid":/"pid": /' '5s/.*/\U&/;' '5s/"token":\([0-9]*\)/"token":9\1/' \
	'$s/"host":"/"host":"x/' '1s/"seq":1/"seq":2/'; do
	sed "$change" "$T/log" >"$T/changed"
	cmp -s "$T/log" "$T/changed" || {
		python3 "$T/ten.py" <"$T/changed" >/dev/null 2>&1 && fail "$change does not show"
	}
done
sed '5s/"owner":"/"owner":"x/' "$T/log" >"$T/changed"
broken "a line was changed" "$T/changed"
sed 5d "$T/log" >"$T/changed"
broken "a line is missing" "$T/changed"
sed '5{h;d};6G' "$T/log" >"$T/changed"
broken "two lines have changed places" "$T/changed"
sed 5p "$T/log" >"$T/changed"
broken "a line is there twice" "$T/changed"

# The mosaic's ledger. "`demo mosaic`"
if [ -x "$LOKT" ]; then
	"$LOKT" demo mosaic --mount "$M" --dir "$T/mosaic" --grid 6x4 --workers 4 --tile 4 --tile-delay 1ms \
		>"$T/out" 2>&1 || fail "no mosaic: $(tail -n 3 "$T/out")"
	ledger=$T/mosaic/mosaic.ledger.jsonl
	same "its first prev" GENESIS "$(head -n 1 "$ledger" | jq -r .prev)"
	intact "$ledger"
	sed '5s/"rgb":\[/"rgb":[1/' "$ledger" >"$T/changed"
	broken "a tile was changed" "$T/changed"
fi
