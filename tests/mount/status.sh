#!/usr/bin/env bash
# The status files and the metrics.
#
# "`status.json`: everything: holders, waiters, freezes, counters", "`metrics`: Prometheus text",
# "`owner=TEXT`: label in status and audit, `[A-Za-z0-9._:-]{1,64}`: the user's name",
# "`status/<name>.json` is one object, also for a name that nobody uses; `status.json` is
# `{"version":1, "host", "now", "daemon":{"version", "pid", "supervisor_pid", "started_ts",
# "restarts"}, "log":{"seq", "h"}, "locks":[…], "freezes":[…], "totals":{…}}`",
# "{"version":1,"name":"mosaic","state":"held", "holder":{"owner":"ada", "uid":1000, "host":"box",
# "pid":4123, "pid_start_ns":1234, "pid_status":"alive", "kind":"open", "mode":"exclusive",
# "token":91, "acquired_ts":"2026-01-28T20:15:12.123Z", "age_ms":41, "ttl_ms":2000,
# "expires_at":"2026-01-28T20:15:14.123Z", "remaining_ms":1959, "renewals":0}, "holders":[…],
# "waiters":[{"position":1, "owner":"ada", "uid":1000, "pid":4170, "mode":"exclusive",
# "waited_ms":12}], "freeze":null}", "`state` is `held` if anyone holds, else `frozen`, else `free`;
# `freeze` is not null whenever it is frozen; `holder` is `holders[0]` or null;", "times are RFC
# 3339 UTC with milliseconds. One consistent moment per open (poll by opening again); `st_size` is
# 0, as in /proc"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start
time='test("^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][.][0-9]{3}Z$")'

# Nobody uses it.
check "an unused name" jq -e '. == {"version": 1, "name": "unused", "state": "free",
	"holder": null, "holders": [], "waiters": [], "freeze": null}' "$M/status/unused.json"
same "the order of the members" "version name state holder holders waiters freeze" \
	"$(status unused 'keys_unsorted | join(" ")')"
same "looking leaves nothing behind" 0 "$(jq '.locks | length' "$M/status.json")"

# Held, waited for, frozen.
exec 9<>"$L/x@ttl=50m,owner=ada"
queue waiter x
check "held" jq -e --argjson p $$ --argjson w "$waiter" --argjson u "$(id -u)" --arg un "$(id -un)" \
	--arg h "$(hostname)" --argjson t "$(jq .token <&9)" '
	.version == 1 and .name == "x" and .state == "held" and .freeze == null
	and (.holder | .owner == "ada" and .uid == $u and .host == $h and .pid == $p
		and .pid_start_ns > 0 and .pid_status == "alive" and .kind == "open"
		and .mode == "exclusive" and .token == $t and (.acquired_ts | '"$time"')
		and .age_ms >= 0 and .age_ms < 60000 and .ttl_ms == 3000000 and (.expires_at | '"$time"')
		and .remaining_ms > 2900000 and .remaining_ms <= 3000000 and .renewals == 0)
	and .holders == [.holder]
	and (.waiters | length == 1)
	and (.waiters[0] | .position == 1 and .owner == $un and .uid == $u and .pid == $w
		and .mode == "exclusive" and .waited_ms >= 0)' "$M/status/x.json"
same "the holder's members" "owner uid host pid pid_start_ns pid_status kind mode token \
acquired_ts age_ms ttl_ms expires_at remaining_ms renewals" \
	"$(status x '.holder | keys_unsorted | join(" ")')"
same "a waiter's members" "position owner uid pid mode waited_ms" \
	"$(status x '.waiters[0] | keys_unsorted | join(" ")')"
echo 1h >"$M/freezes/x"
check "held and frozen" jq -e '.state == "held" and .freeze != null' "$M/status/x.json"
refused "$waiter" EBUSY
exec 9>&-
check "frozen" jq -e '.state == "frozen" and .freeze != null and .holder == null' \
	"$M/status/x.json"
rm "$M/freezes/x"

# A hold without a TTL has no end.
exec 9<>"$L/y"
check "no TTL" jq -e '.holder.expires_at == null and .holder.remaining_ms == null' \
	"$M/status/y.json"

# Everything.
hold other z
queue waiter z
echo 1h >"$M/freezes/w"
check "status.json" jq -e --arg h "$(hostname)" --argjson d "$D" '
	.version == 1 and .host == $h and (.now | '"$time"')
	and (.daemon | (.version | type == "string") and .pid == $d and has("supervisor_pid")
		and (.started_ts | '"$time"') and .restarts == 0)
	and (.log | .seq > 0 and (.h | test("^[0-9a-f]{64}$")))
	and ([.locks[].name] | sort | . == ["w", "y", "z"] or . == ["y", "z"])
	and (.locks[] | select(.name == "z") | .state == "held" and (.waiters | length == 1))
	and (.freezes | length == 1 and (.[0] | tostring | contains("\"w\"")))
	and (.totals | type == "object")' "$M/status.json"
same "its members" "version host now daemon log locks freezes totals" \
	"$(jq -r 'keys_unsorted | join(" ")' "$M/status.json")"
check "one lock there is the same as in its own file" jq -s -e '
	def still: del(.. | .age_ms?, .remaining_ms?, .waited_ms?);
	(.[0].locks[] | select(.name == "z") | del(.version) | still)
		== (.[1] | del(.version) | still)' "$M/status.json" "$M/status/z.json"
rm "$M/freezes/w"

# One moment per open, however slowly it is read.
exec 8<"$M/status/z.json"
head -c 20 <&8 >"$T/slowly"
let_go "$other"
granted "$waiter"
cat <&8 >>"$T/slowly"
exec 8<&-
same "the moment of the open" "$other" "$(jq .holder.pid "$T/slowly")"
same "opened again" "$waiter" "$(status z .holder.pid)"
let_go "$waiter"

# As files: in /proc's way.
for file in status.json status/y.json metrics; do
	same "st_size of $file" 0 "$(stat -c %s "$M/$file")"
	cp "$M/$file" "$T/copy" || fail "cp $file"
	[ -s "$T/copy" ] || fail "cp of $file is empty"
	refute "nobody writes $file" eval 'echo x >>"$M/$file"'
done
check "listing status/ works" ls -l "$M/status"

# A dead holder's child: the process that took it is gone.
child=$(bash -c 'exec 9>"$1"; sleep 60 >/dev/null 2>&1 & echo $!' bash "$L/orphan")
status_of_orphan() {
	[ "$(status orphan .holder.pid_status)" != alive ]
}
wait_until 5 status_of_orphan || fail "a dead process is called alive"
kill -KILL "$child"

# Metrics.
cat "$M/metrics" >"$T/before"
[ -s "$T/before" ] || fail "no metrics"
bad=$(grep -vE '^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+$|^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*\})? -?([0-9.]+(e[+-]?[0-9]+)?|[+]?Inf|NaN)( [0-9]+)?$' "$T/before")
same "every line is Prometheus text" "" "$bad"
same "no series twice" "" "$(grep -v '^#' "$T/before" | sed 's/ [^ ]*$//' | sort | uniq -d)"
same "each has a TYPE, before it" "" "$(awk '
	/^# TYPE/ { type[$3] = $4; next }
	/^#/ { next }
	{ name = $1; sub(/\{.*/, "", name); base = name; sub(/_(bucket|sum|count)$/, "", base) }
	!(name in type) && !(base in type) { print name }' "$T/before")"
same "the names begin alike" "" "$(grep -v '^#' "$T/before" | grep -v '^lokt')"
for ((i = 0; i < 3; i++)); do
	: >"$L/counted"
done
cat "$M/metrics" >"$T/after"
grown=$(diff <(grep -v '^#' "$T/before") <(grep -v '^#' "$T/after") | awk '
	/^</ { before[$2] = $3 }
	/^>/ && /acqui|grant/ && $2 ~ /total/ && $3 - before[$2] == 3 { print $2 }')
[ -n "$grown" ] || fail "no counter of grants grew by 3"
