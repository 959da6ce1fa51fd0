# The table of tests/bench, from lines "ROW SYSTEM ROUND VALUE [P99]". ROW is cycles-N-own,
# cycles-N-one (cycles a second) or handover-N (microseconds). -v systems="lokt floor …": the columns.
# POSIX awk, so no asort and no arrays of arrays.

{
	value[$1, $2, $3] = $4
	p99[$1, $2, $3] = $5
	if (!($1 in seen)) {
		seen[$1] = 1
		row[++rows] = $1
	}
	if ($3 > rounds)
		rounds = $3
}

END {
	columns = split(systems, column, " ")
	table("cycles")
	table("handover")
	if (index(systems, "lokt"))
		goals()
}

# The median of list[1..n]; "" of nothing. Sorts the list.
function median(list, n, i, j, swap) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			swap = list[j]
			list[j] = list[j - 1]
			list[j - 1] = swap
		}
	if (n == 0)
		return ""
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# The median over rounds of what a system did in a row.
function typical(of, name, which, list, n, i) {
	for (i = 1; i <= rounds; i++)
		if ((of, name, i) in value)
			list[++n] = which == "p99" ? p99[of, name, i] + 0 : value[of, name, i] + 0
	return median(list, n)
}

# The median over rounds of A's result divided by B's of the same round.
function ratio(row_a, a, row_b, b, list, n, i) {
	for (i = 1; i <= rounds; i++)
		if ((row_a, a, i) in value && value[row_b, b, i] > 0)
			list[++n] = value[row_a, a, i] / value[row_b, b, i]
	return median(list, n)
}

# How fast Lokt is in a row, the other being 1: more is better, for cycles and for times.
function speed(of, other) {
	return of ~ /^cycles/ ? ratio(of, "lokt", of, other) : ratio(of, other, of, "lokt")
}

function thousands(number, text) {
	text = sprintf("%.0f", number)
	while (match(text, /^[0-9]+[0-9][0-9][0-9](,|$)/))
		text = comma(text)
	return text
}

# Sets the next comma from the right.
function comma(text, at) {
	at = index(text, ",")
	if (at == 0)
		at = length(text) + 1
	return substr(text, 1, at - 4) "," substr(text, at - 3)
}

function decimals(number) {
	return number == "" ? "—" : sprintf("%.2f", number)
}

function cell(of, name) {
	if (typical(of, name) == "")
		return "—"
	if (of ~ /^cycles/)
		return thousands(typical(of, name))
	return sprintf("%.0f / %.0f", typical(of, name), typical(of, name, "p99"))
}

function heading(kind, i, line, rule) {
	line = kind == "cycles" ? "| processes | lock |" : "| waiters |"
	rule = kind == "cycles" ? "|---:|---|" : "|---:|"
	for (i = 1; i <= columns; i++) {
		line = line " " column[i] " |"
		rule = rule "---:|"
	}
	for (i = 1; i <= columns; i++)
		if (index(systems, "lokt") && column[i] != "lokt") {
			line = line " " "lokt : " column[i] " |"
			rule = rule "---:|"
		}
	print line "\n" rule
}

function title(kind) {
	if (kind == "cycles")
		return "\nAcquire and release, cycles a second:\n"
	return "\nHand-over, from a release to the next holder running, microseconds (median / p99):\n"
}

function table(kind, i, j, line, part, begun) {
	for (i = 1; i <= rows; i++) {
		if (row[i] !~ "^" kind)
			continue
		if (!begun++) {
			print title(kind)
			heading(kind)
		}
		split(row[i], part, "-")
		line = "| " thousands(part[2]) " |"
		if (kind == "cycles")
			line = line " " (part[2] == 1 ? "" : part[3]) " |"
		for (j = 1; j <= columns; j++)
			line = line " " cell(row[i], column[j]) " |"
		for (j = 1; j <= columns; j++)
			if (index(systems, "lokt") && column[j] != "lokt")
				line = line " " decimals(speed(row[i], column[j])) " |"
		print line
	}
}

function goal(text, number, met, note) {
	if (number != "")
		printf "- %s: %.2f%s — %s\n", text, number, note, met ? "met" : "**missed**"
}

function goals(i, least, at, note) {
	for (i = 1; i <= rows; i++)
		if (speed(row[i], "floor") != "" && (least == "" || speed(row[i], "floor") < least)) {
			least = speed(row[i], "floor")
			at = row[i]
		}
	print "\nGoals:\n"
	goal("at least 0.75 of the floor in every row, the lowest being", least, least >= 0.75, " (" at ")")
	i = speed("cycles-1-own", "redis")
	goal("at least 3 times Redis with one client", i, i >= 3)
	i = ratio("handover-2048", "floor", "handover-8", "floor")
	if (i != "")
		note = sprintf(" (the floor itself: %.2f)", i)
	i = ratio("handover-2048", "lokt", "handover-8", "lokt")
	goal("a hand-over with 2,048 waiters takes at most 1.5 times one with 8", i, i <= 1.5, note)
}
