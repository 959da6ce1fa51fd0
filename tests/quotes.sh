#!/usr/bin/env bash
# Every row of tests/contract.md: each test it names quotes its sentence, and is run by meson.
#
#	quotes.sh TREE
#
# White space and the leaders of comments do not count. The check is tried on rows that are wrong in
# each way first: one that finds nothing there finds nothing anywhere.
# Exit: 0 all are there · 1 some are not, with a line for each.
set -u
export LC_ALL=C

# check TREE TABLE: a line for each fault.
check() {
	awk -v tree="$1/tests/" '
	# What the comments of a file say, or what stands beside them, without white space; "" for no file.
	function text_of(path, beside,   line, all) {
		if ((path, beside) in texts)
			return texts[path, beside]
		while ((getline line <path) > 0) {
			if (sub(/^[ \t]*(#|\/\*|\*|\/\/)[ \t]/, "", line) == beside)
				continue
			gsub(/[ \t]/, "", line)
			all = all line
		}
		close(path)
		return texts[path, beside] = all
	}
	# Is the test named in meson.build?
	function is_run(test) {
		sub(/.*\//, "", test)
		sub(/\.(sh|c)$/, "", test)
		return index(text_of(tree "../meson.build", 1), "\047" test "\047")
	}
	!/^\|/ || /^\|---/ || /^\| the contract says \| test \|$/ { next }
	{
		rows++
		tests = $0
		sub(/ \|$/, "", tests)
		sub(/.* \| /, "", tests)
		quote = substr($0, 3, length($0) - length(tests) - 7)
		gsub(/\\\|/, "|", quote)
		wanted = quote
		gsub(/[ \t]/, "", wanted)
		if (wanted == "" || tests !~ /^(core|mount)\/[a-z_-]+\.(sh|c)(, |$)/)
			print "not a row: " $0
		count = split(tests, test, ", ")
		for (i = 1; i <= count; i++) {
			if (text_of(tree test[i], 0) == "")
				print test[i] " is not there, and should quote: " quote
			else if (!index(text_of(tree test[i], 0), wanted))
				print test[i] " does not quote: " quote
			if (!is_run(test[i]) && !told[test[i]]++)
				print test[i] " is not run: meson.build does not name it"
		}
	}
	END { if (!rows) print "there are no rows" }
	' "$2"
}

# wrong DESCRIPTION ROW: the check finds a fault in this row.
wrong() {
	printf '%s\n' "$2" >"$scratch"
	[ -n "$(check "$tree" "$scratch")" ] && return
	echo "the check does not find $1"
	exit 1
}

tree=$1
scratch=$(mktemp) || exit 1
trap 'rm -f "$scratch"' EXIT
row='| First come, first served; | mount/fifo.sh |'
printf '%s\n' "$row" >"$scratch"
found=$(check "$tree" "$scratch")
[ -z "$found" ] || {
	echo "the check finds fault with what is right: $found"
	exit 1
}
wrong "a word that is changed" "${row/served/serves}"
wrong "a sentence that is cut short and goes on otherwise" "${row/;/; or last.}"
wrong "a test that does not quote" "${row/fifo/churn}"
wrong "the second of two tests" "${row/ |/, mount/churn.sh |}"
wrong "what is no comment" "| lokt_start | mount/fifo.sh |"
wrong "a test that is not there" "${row/fifo/nowhere}"
wrong "a test that is not run" "${row/fifo/lib}"
wrong "a row without a test" "| First come, first served; |  |"
wrong "a row without a quote" "|  | mount/fifo.sh |"
wrong "a table without rows" ""
faults=$(check "$tree" "$tree/tests/contract.md")
[ -z "$faults" ] && exit 0
echo "$faults"
exit 1
