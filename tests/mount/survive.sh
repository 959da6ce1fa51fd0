#!/usr/bin/env bash
# The server dies, and nobody who holds, waits, sleeps or reads notices.
#
# "The hold lasts until the last descriptor of it is closed, wherever it was inherited to.", "A lost hold
# never comes back.", "First come, first served", "The same thread opening the same spec again within 1 s
# resumes its place and its original `timeout`"
. "$(dirname "$0")/lib.sh" || exit 1

# look VAR STEP…: lokt-try in the background, without the script's locks; `said $VAR` shows what it printed.
look() {
	local -n look_var=$1
	lib_count=$((lib_count + 1))
	"$TRY" "${@:2}" >"$T/out.$lib_count" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	look_var=$!
	lib_out[$look_var]=$T/out.$lib_count
}
# tells PID PATTERN: lokt-try has printed such a line.
tells() {
	wait_until 10 grep -qiE "$2" "${lib_out[$1]}" || fail "no '$2' but: $(said "$1")"
}
waiting_no_more() {
	! lib_waits "$2" "$1"
}
# of SPEC-FD MEMBER: what its holder reads.
of() {
	jq -rs ".[0].$2" <&"$1"
}
# restarts: how often a server took another's place.
restarts() {
	jq .daemon.restarts "$M/status.json"
}
first_pid() {
	status "$1" '.holders[0].pid'
}

lokt_start
same "none so far" 0 "$(restarts)"

# Before: every kind of hold, …
exec 9<>"$L/x@ttl=1h" 8<>"$L/gone@ttl=100ms" 7<>"$L/broken" 6<>"$L/short@ttl=3s"
x=$(of 9 token)
broken=$(of 7 token)
rm "$L/broken@token=$broken"
wait_until 5 state_is gone free || fail "no end of a TTL"
hold shared1 docs@shared
hold shared2 docs@shared
hold slot1 gpu@slots=2
hold slot2 gpu@slots=2
hold group a+b
hold bound tied@bind=pid
hold doomed dead
"$TRY" "open:rw:$L/kin" sleep:100000 3>&- 6>&- 7>&- 8>&- 9>&- >/dev/null &
kin=$!
wait_until 5 state_is kin held || fail "kin is not held"
(exec 5<>"$L/left" && exec sleep 100) 6>&- 7>&- 8>&- 9>&- & # bash opened it, sleep has it
left=$!
wait_until 5 state_is left held || fail "left is not held"
# … who sleeps in poll(2), …
look polite "open:rw:$L/polite" poll:pri:60000 poll:none:60000 pread:0
look chooser "open:rw:$L/chooser" select:pri:60000 pause
look edge "open:rw:$L/edge" epoll:pri:60000 epoll:none:60000
for name in polite chooser edge; do
	wait_until 5 state_is $name held || fail "$name is not held"
done
# … who waits, in every way, …
queue next x
queue shared x@shared
queue together x+y
impatient_from=$(now_ms)
queue impatient x@timeout=4s
queue killed x
queue last x
echo 1h >"$M/freezes/ice"
queue patient ice@frozen=wait
# … leases and freezes, …
echo 1h >"$M/leases/l"
echo 1h >"$M/leases/m@owner=me"
exec 5>"$M/leases/half" 4>"$M/freezes/half"
lease=$(status l .holder.token)
# … and who reads.
cat "$M/audit" >"$T/stream1" 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
stream1=$!
tail -n +1 -f -s 0.05 "$M/audit.jsonl" >"$T/stream2" 2>/dev/null 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
stream2=$!
look sleeper "open:rd:$M/audit" seek:end:0 poll:in:60000 read
look nonblock "open:rd+nonblock:$M/audit" seek:end:0 read pause read

order="[.waiters[].pid | select(. != $impatient)]" # he has a time of his own
before=$(status x -c "$order")
old=$D
lokt_die
[ "$D" != "$old" ] || fail "the same server"
same "one restart" 1 "$(restarts)"

# The holds go on.
same "the token" "$x held" "$(of 9 token) $(of 9 state)"
check "renew" eval 'echo renew >&9'
check "renew by its name" eval 'echo "x 2h" >"$M/renew"'
same "the new TTL" 7200000 "$(of 9 ttl_ms)"
same "lost stays lost" "lost lost" "$(of 8 state) $(of 7 state)"
refute "which is told" eval 'echo renew >&8'
refute "also of a broken one" eval 'echo renew >&7'
same "shared" "2 shared" "$(status docs -r '"\(.holders | length) \(.holders[0].mode)"')"
expect 'open EAGAIN' "open:rw:$L/docs@try"
expect 'close OK' "open:rw:$L/docs@shared,try" close
expect 'open EAGAIN' "open:rw:$L/gpu@slots=2,try"
expect 'open EAGAIN' "open:rw:$L/b@try"
same "one hold of both" '["a","b"]' "$(status b -c '.holder.names')"
same "bound" pid "$(events '.name == "tied" and .event == "acquire"' | jq -r .bind)"
same "inherited" held "$(status left -r .state)"
# They end as they would have.
die KILL "$bound"
wait_until 5 state_is tied free || fail "a hold outlives the process it is bound to"
die KILL "$doomed"
wait_until 5 state_is dead free || fail "a hold outlives its process"
same "how it ended" '"killed" 9' \
	"$(events '.name == "dead" and .event == "auto-prune"' | jq -r '"\"\(.reason)\" \(.signal)"')"
die KILL "$left"
wait_until 5 state_is left free || fail "an inherited hold outlives its heir"
die KILL "$kin"
# shellcheck disable=SC2154 # hold sets these
let_go "$shared1" "$slot1" "$group"
expect 'close OK' "open:rw:$L/gpu@slots=2,try" close
expect 'close OK' "open:rw:$L/a+b@try" close

# Who slept in poll is woken by what happens now.
queue urge1 polite
queue urge2 chooser
queue urge3 edge
tells "$polite" '^poll .*pri'
tells "$chooser" '^select .*'
tells "$edge" '^epoll .*pri'
for name in polite edge; do
	rm "$L/$name@token=$(status $name .holder.token)" || fail "$name cannot be broken"
done
tells "$polite" '^poll .*(err|hup)'
tells "$polite" '^pread.*"state":"lost"'
tells "$edge" '^epoll .*(err|hup)'

# Leases and freezes.
same "the lease" "$lease 3600000" "$(status l -r '"\(.holder.token) \(.holder.ttl_ms)"')"
check "renewed" eval 'echo 2h >>"$M/leases/l"'
check "touched" touch "$M/leases/l"
check "of its label" rm "$M/leases/m@owner=me"
check "written after the restart" eval 'echo 5m >&5'
same "which counts" 300000 "$(status half .holder.ttl_ms)"
check "so with a freeze" eval 'echo 5m >&4'
exec 5>&- 4>&-
same "which is there" true "$(status half '.freeze != null')"
expect 'open EBUSY' "open:rw:$L/ice"
expect 'open EEXIST' "open:wr+creat+excl:$M/leases/l"

# Order and times of who waits; then once more, and once more.
same "the order" "$before" "$(status x -c "$order")"
die KILL "$killed"
wait_until 5 waiting_no_more x "$killed" || fail "a killed waiter stays"
lokt_die SEGV
refused "$impatient" ETIMEDOUT
# shellcheck disable=SC2154
[ $(($(now_ms) - impatient_from)) -ge 3950 ] || fail "a timeout of 4 s ends before its time"
lokt_die ABRT
same "three restarts" 3 "$(restarts)"
same "the order of the rest" "[$next,$shared,$together,$last]" "$(status x -c "$order")"
same "the token" "$x" "$(of 9 token)"
exec 9>&-
granted "$next"
let_go "$next"
granted "$shared"
let_go "$shared"
granted "$together"
same "nobody overtakes" "$together" "$(first_pid x)"
lokt_die
let_go "$together"
granted "$last"
let_go "$last"
rm "$M/freezes/ice"
granted "$patient"
let_go "$patient"
wait_until 10 state_is short free || fail "a TTL does not end"
same "lost" lost "$(of 6 state)"
at=$(events '.name == "short" and .event == "stale-break"' | jq .held_ms)
[ "$at" -ge 3000 ] || fail "a TTL of 3 s ends after $at ms"

# The readers have seen every line, once.
tells "$sleeper" '^poll .*in'
tells "$sleeper" '^read .*seq'
kill -USR1 "$nonblock"
tells "$nonblock" '^read EAGAIN'
tells "$nonblock" '^read [0-9]+ .*seq'
last=$(tail -n 1 "$M/audit.jsonl" | jq .seq)
wait_until 10 grep -q "^{\"seq\":$last," "$T/stream2" || fail "tail -f does not come so far"
lokt_stop
wait_until 5 gone "$stream1" || fail "a reader hangs"
stored_log >"$T/log"
verify_chain "$T/log"
check "cat saw all of it" cmp "$T/log" "$T/stream1"
kill "$stream2" 2>/dev/null && wait "$stream2" 2>/dev/null # or the end of the mount was its own
check "tail -f too, as far as it came" cmp -n "$(stat -c %s "$T/stream2")" "$T/log" "$T/stream2"
within "lines of tail -f" $(($(wc -l <"$T/log") - 30)) "$(wc -l <"$T/log")" "$(wc -l <"$T/stream2")"
check "each token once" jq -s -e '[.[] | select(.event == "acquire") | .token]
	| . == (sort | unique)' "$T/log"
# A sanitizer makes an exit of a SIGSEGV.
same "what it died of" "9 11 6 9" \
	"$(jq -s -r '[.[] | select(.event == "recover") | .signal // 11] | join(" ")' "$T/log")"
