#!/usr/bin/env bash
# lokt top: the live view, in a terminal of tmux, and the plain table without one.
#
# "a live ncurses view: held, waiting, frozen, events; sort, filter, break and freeze with a
# confirmation", "Nothing a user can write into a name, an owner label or a command reaches a
# terminal … unescaped"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/terminal.sh" || exit 1

# view COLUMNSxROWS [VARIABLE=VALUE…] [-- ARG…]: runs lokt top in a new terminal.
view() {
	local size=$1 words=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	shows "$size" env "LOKT_MOUNT=$M" "${words[@]}" "$LOKT" top "${@:2}"
}

# names: the first column of the table, in its order.
names() {
	screen | sed -n '3,/events/s/^\([A-Za-z0-9._-][A-Za-z0-9._-]*\) .*/\1/p' | xargs
}

listed() {
	[ "$(names)" = "$1" ]
}

# lists NAMES: the table has these names in this order.
lists() {
	wait_until 10 listed "$1" || fail "wanted: $1
$(screen)"
}

ended_well() {
	ended "$1"
	sees '^before'
}

lokt_start
export LOKT_MOUNT=$M
me=$(id -un)
hold ada deploy@ttl=1h,owner=ada
hold cy api@owner=cy
queue bob deploy@ttl=1h,owner=bob
echo 1h >"$M/freezes/site"

# ---- without a terminal: the table, once ----
"$LOKT" top >"$T/out" || fail "no table"
same "the heads" "NAME STATE HOLDER PID AGE TTL WAIT LONGEST THAW" "$(head -n 1 "$T/out" | xargs)"
check "a holder" grep -Eq "^deploy +held +ada +$ada +[0-9.ms]+ +59m[0-9]+s +1 +[0-9.ms]+ +-$" "$T/out"
check "a freeze" grep -Eq '^site +frozen +- +- +- +- +- +- +59m[0-9]+s$' "$T/out"
same "no more" 4 "$(wc -l <"$T/out")"
refute "no control bytes" grep -q $'\033' "$T/out"
same "status.json" "api deploy site" "$("$LOKT" top --json | jq -r '.locks[].name' | xargs)"

# ---- whatever a hold is ----
hold db1 db@shared,owner=r1
hold db2 db@shared,owner=r2
hold gpu gpu@slots=4
hold both x+y
echo 20m >"$M/leases/build@owner=ci"
"$LOKT" top >"$T/out"
check "shared" grep -Eq '^db +shared x2 +r1 ' "$T/out"
check "slots" grep -Eq '^gpu +slots 1/4 +' "$T/out"
check "a group, under both names" [ "$(grep -Ec "^[xy] +group .* $both " "$T/out")" -eq 2 ]
check "a lease is of no process" grep -Eq '^build +lease +ci +- .* 19m[0-9]+s ' "$T/out"
let_go "$gpu" "$both"
rm "$M/leases/build@owner=ci"

# ---- the view ----
view 80x24
sees '^db +shared ×2 +r1 '
press g j b
sees '^db has 2 holders: choose one, then b'
press j b
sees "^break token $(status db '.holders[1].token') of db held by r2 \\(pid $db2\\)\\? y/n"
press n q
let_go "$db1" "$db2"
sees '^lokt top .* held 2  waiting 1  frozen 1 '
sees 'log ok'
sees "^deploy +held +ada +$ada +[0-9.ms]+ +59m[0-9]+s +1 "
sees '^[0-9:]{8} release +db +r2 '
lists "api deploy site"
hold dan zoo@owner=dan
sees "^zoo +held +dan "
sees '^[0-9:]{8} acquire +zoo +dan '
let_go "$dan"
misses '^zoo'

# What nobody changes costs next to nothing.
requests() {
	awk '$1 == "lokt_requests_total" { print $2 }' "$M/metrics"
}
before=$(requests)
sleep 2
within "requests in two seconds" 1 100 $(($(requests) - before))

# ---- sort and filter ----
press s
sees 'sorted by age'
lists "deploy api site"
press s
sees 'sorted by waiters'
press s
sees 'sorted by name'
lists "api deploy site"
press / B O B
sees '^filter: BOB'
lists deploy
press Enter
sees "filter 'BOB': 1 of 3"
press Escape
lists "api deploy site"

# ---- the people of one name ----
press g j Enter
sees '^deploy is held'
sees "^holds +ada +$ada "
sees "^1 +bob +$bob "
press q
lists "api deploy site"

# ---- break ----
token=$(status deploy .holder.token)
press b
sees "^break token $token of deploy held by ada \\(pid $ada\\)\\? y/n"
press n
sees 'nothing is changed'
same "still held" "$ada" "$(status deploy .holder.pid)"
press b y
sees "^token $token of deploy is broken"
granted "$bob"
sees "^deploy +held +bob +$bob "
check "logged" happened '.event == "force-break" and .token == $t' --argjson t "$token"

# ---- freeze and unfreeze ----
press f 2 h Enter
sees '^deploy is frozen for 2 h'
check "for so long" status deploy '.freeze.ttl_ms == 7200000' -e
press f x Enter
sees "'x' is no duration"
press f Escape f Enter
sees '^deploy is frozen for 10 min'
press u
sees "^unfreeze deploy frozen by $me\\? y/n"
press y
sees '^deploy is no longer frozen'
same "thawed" null "$(status deploy .freeze)"

# ---- pause ----
press p
sees ' PAUSED '
hold dan zoo@owner=dan
sleep 0.5
check "nothing new" not_on_screen "^zoo"
press p
sees '^zoo +held +dan '

# ---- small, large, and help ----
tm resize-window -t show -x 40 -y 10
sees '^held 3  waiting 0 '
sees '^deploy +held +bob '
same "ten lines" 10 "$(screen | wc -l)"
press b
sees '^break token [0-9]+ of '
sees '\? y/n$'
press n '?'
sees '^arrows j k'
press G
sees '^THAW '
press q
tm resize-window -t show -x 12 -y 3
sees '^q quit'
tm resize-window -t show -x 1 -y 1
tm resize-window -t show -x 120 -y 40
sees '^lokt top .* held 3 '

# ---- whatever ends it, the terminal is as it was ----
press q
ended_well 0
for signal in INT TERM; do
	view 80x24
	sees '^deploy'
	[ $signal = INT ] && press C-c || kill -TERM "$(shown_pid)"
	ended_well $((128 + $(kill -l $signal)))
done
view 80x24 TERM=dumb
sees '^deploy +held +bob '
ended_well 0

# ---- a daemon that hangs, and one that is gone ----
view 120x24
sees '^deploy'
kill -STOP "$D"
sees 'NO ANSWER FOR [0-9.]+s'
kill -CONT "$D"
misses 'NO ANSWER'
misses ' restart'
lokt_die
sees ' 1 restart '
kill -STOP "$D"
press q
ended_well 0
kill -CONT "$D"
view 80x24
sees '^deploy'
lokt_kill
sees "^lokt: .*$M.* is gone"
ended_well 1

# ---- hostile text, by a directory that looks like a mount ----
mkdir "$T/fake"
jq -n '{version: 1, host: "h\u001b[2Jx", locks: [{name: "evil", state: "held", waiters: [], freeze: null,
	holders: [{owner: "\u001b]2;pwned\u0007\u009b1m", pid: 1, token: 7, age_ms: 5}]}], freezes: []}' \
	-c >"$T/fake/status.json"
printf '%s\n' '{"seq":1,"ts":"2026-01-28T20:15:12.123Z","event":"\u001b[31m","name":"\u001b]2;pwned\u0007"}' \
	>"$T/fake/audit"
: >"$T/fake/metrics"
LOKT_MOUNT=$T/fake "$LOKT" top >"$T/out"
check "cleaned in the table" grep -Fq '?]2;pwned?' "$T/out"
refute "no control bytes" grep -q $'\033\\|\007' "$T/out"
view 80x24 "LOKT_MOUNT=$T/fake"
sees '^evil +held +\?\]2;'
sees '^20:15:12 \?\[31m'
press b
sees 'held by \?\]2;pwned\?'
refute "the title of the terminal" grep -q pwned <(tm display -p -t show '#{pane_title}')
press n q
ended_well 0

# ---- refusals ----
for bad in extra --nothing; do
	"$LOKT" top $bad >"$T/out" 2>&1
	same "usage: $bad" 64 $?
done
LOKT_MOUNT=$T "$LOKT" top >"$T/out" 2>&1
same "no mount" 1 $?
