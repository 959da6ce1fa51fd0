#!/usr/bin/env bash
# The manual pages: they build, they are clean, and they name all that there is.
. "$(dirname "$0")/lib.sh" || exit 1

need scdoc mandoc
for page in lokt.1 lokt.5 loktfs.8; do
	same "scdoc on $page" "" "$(scdoc <"$lib_tree/tools/share/$page.scd" 2>&1 >"$T/$page")"
	# scdoc begins paragraphs where none would be needed, in every page there is.
	same "mandoc on $page" "" "$(mandoc -T lint -W warning "$T/$page" |
		grep -v 'skipping paragraph macro')"
	mandoc -T utf8 -O width=500 "$T/$page" | sed 's/.\x08//g' >"$T/$page.txt"
done
if man --version >/dev/null 2>&1; then
	for page in lokt.1 lokt.5 loktfs.8; do
		same "man on $page" "" "$(man --warnings -l "$T/$page" 2>&1 >/dev/null)"
	done
fi

# named PAGE WORD…: the page has each of these words.
named() {
	local page=$1 word
	shift
	for word; do
		grep -qwF -e "$word" "$T/$page.txt" || fail "$page does not name $word"
	done
}

# flags COMMAND…: those that its help lists.
flags() {
	"$LOKT" "$@" --help | sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p'
}

mapfile -t commands < <("$LOKT" --help | awk '/^  [a-z]/ { print $1 }')
named lokt.1 "${commands[@]/#/lokt }" "lokt audit verify" "lokt demo mosaic"
for command in "${commands[@]}" "audit verify" "demo mosaic"; do
	# shellcheck disable=SC2046,SC2086 # words
	named lokt.1 --help $(flags $command)
done
# shellcheck disable=SC2046 # words
named loktfs.8 $("$LOKTFS" --help | grep -oE '^  -., --[a-z]+|^      [a-z_]+|[a-z_]+=' |
	tr -d ' ,=' | sed 's/^-.--/--/')

lokt_start
hold holder a+b@slots=2,ttl=1h
hold second a@slots=2
queue waiter a+c@slots=2
echo 1h >"$M/freezes/f"
cd "$M" || exit 1
# shellcheck disable=SC2046 # words
named lokt.5 $(ls -p | sed 's|/$||') \
	$(jq -r '.. | objects | keys[]' status/a.json status/f.json freezes/f) \
	$(jq -r 'keys[], (.daemon, .log | keys[])' status.json) \
	$(sed -nE 's/^\t\t\[ERR_.*\] = (E[A-Z]+),$/\1/p' "$lib_tree/fs/errors.c") \
	$(sed -nE 's/^\t\[RE[A-Z_]+\] = "(.*)",$/\1/p' "$lib_tree/core/record.c") \
	$(sed -nE 's/^\t\{"([a-z]+)", (true|false), .*/\1/p' "$lib_tree/core/spec.c")
cd "$T" || exit 1
die KILL "$holder"
die KILL "$waiter"
die KILL "$second"
