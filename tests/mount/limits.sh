#!/usr/bin/env bash
# Limits: a runaway script meets them before anybody else suffers.
#
# "`ENOLCK`: a per-user or total limit is reached"
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

others_ready
E=$M/leases

# denials: how often somebody met a limit, says the log, and says metrics.
denials() {
	jq -s '[.[] | select(.event == "deny" and .reason == "limit") | .count // 1] | add // 0' \
		"$M/audit.jsonl"
}
counted() {
	sed -n 's/^lokt_denials_total{reason="limit"} //p' "$M/metrics"
}
# limited WHO STEP…: this meets a limit.
limited() {
	expect_as "$1" "${2%%:*} ENOLCK" "${@:2}"
	limits=$((limits + 1))
}
# serves WHO: WHO has the full service.
serves() {
	expect_as "$1" 'close OK' "open:rw:$L/own-$1@try,ttl=5s" write:renew close
	expect_as "$1" 'unlink OK' "open:wr+creat+trunc:$E/own-$1" write:5m "unlink:$E/own-$1"
	expect_as "$1" 'read EAGAIN' "open:rd+nonblock:$M/audit" seek:end read
	expect_as "$1" 'open EAGAIN' "open:rw:$L/held@try"
	expect_as "$1" 'open ETIMEDOUT' "open:rw:$L/held@timeout=10ms"
	check "status for $1" as "$1" cat "$M/status.json" "$M/status/held.json" "$M/metrics"
}
# all_told: both counted every denial by now.
all_told() {
	[ "$(denials)" = $limits ] && [ "$(counted)" = $limits ]
}

limits=max_holds=3/5,max_waiters=2/4,max_leases=2/3,max_freezes=2,max_readers=2/3,max_names=6/40
lokt_start "allow_other,$limits"
limits=0
exec 9>"$L/held"

# Holds: of one user, then of all.
hold_as $ada a1 ada-1
hold_as $ada a2 ada-2@ttl=1h
hold_as $ada a3 ada-3@shared
limited $ada "open:rw:$L/ada-4"
limited $ada "open:rw:$L/ada-4@try"
limited $ada "open:rw:$L/ada-3@shared"
limited $ada "open:rw+nonblock:$L/ada-4"
same "nothing of it is there" free "$(status ada-4 .state)"
serves $bob
hold_as $bob b1 bob-1
limited $bob "open:rw:$L/bob-2"
limited $carol "open:rw:$L/carol-1"
let_go "$a1"
expect_as $carol 'close OK' "open:rw:$L/carol-1" close
expect_as $ada 'close OK' "open:rw:$L/ada-4" close
let_go "$a2" "$a3" "$b1"

# What a hold is granted after a wait counts as well.
hold_as $ada a1 ada-1
hold_as $ada a2 ada-2
queue_as $ada a3 held
exec 9>&-
granted "$a3"
limited $ada "open:rw:$L/ada-4@try"
let_go "$a1" "$a2" "$a3"
exec 9>"$L/held"

# Waiters.
queue_as $ada a1 held
queue_as $ada a2 held@timeout=1h
limited $ada "open:rw:$L/held"
limited $ada "open:rw:$L/held@timeout=1s"
expect_as $ada 'open EAGAIN' "open:rw:$L/held@try"
expect_as $ada 'close OK' "open:rw:$L/ada-free" close
serves $bob
queue_as $bob b1 held
queue_as $bob b2 held
limited $carol "open:rw:$L/held"
die KILL "$a1"
wait_until 5 happened '.reason == "cancelled"' || fail "the dead wait on" # it may come back for a second
queue_as $carol c1 held
exec 9>&-
for pid in "$a2" "$b1" "$b2" "$c1"; do
	granted "$pid"
	let_go "$pid"
done
exec 9>"$L/held"

# Leases.
for i in 1 2; do
	expect_as $ada 'write OK' "open:wr+creat+trunc:$E/ada-$i" write:1h
done
limited $ada "open:wr+creat+trunc:$E/ada-3"
expect_as $ada 'write OK' "open:wr+append:$E/ada-1" write:2h
expect_as $ada 'close OK' "open:rw:$L/ada-free@try" close
expect_as $bob 'write OK' "open:wr+creat+trunc:$E/bob-1" write:1h
limited $bob "open:wr+creat+trunc:$E/bob-2"
limited $carol "open:wr+creat+trunc:$E/carol-1"
expect_as $ada 'unlink OK' "unlink:$E/ada-1"
expect_as $carol 'unlink OK' "open:wr+creat+trunc:$E/carol-1" write:1h "unlink:$E/carol-1"
check "root clears" rm "$L/bob-1@token=$(status bob-1 .holder.token)"
expect_as $ada 'unlink OK' "unlink:$E/ada-2"

# Freezes: changing one is none.
echo 1h >"$M/freezes/f1"
echo 1h >"$M/freezes/f2"
limits=$((limits + 1))
out=$( (echo 1h >"$M/freezes/f3") 2>&1) && fail "a third freeze"
[[ $out = *[Ll]ock* ]] || fail "wanted ENOLCK: $out"
same "nothing of it is there" "f1, f2" "$(ls -m "$M/freezes")"
check "a change" eval 'echo 2h >"$M/freezes/f1"'
rm "$M/freezes/f1"
check "another" eval 'echo 1h >"$M/freezes/f3"'
rm "$M/freezes/f2" "$M/freezes/f3"

# Readers of the stream.
for i in 1 2; do
	start_as $ada "$TRY" "open:rd:$M/audit" pause >"$T/reader$i"
	readers[i]=$started
	wait_until 5 grep -q '^open OK' "$T/reader$i" || fail "reader $i: $(cat "$T/reader$i")"
done
limited $ada "open:rd:$M/audit"
limited $ada "open:rd+nonblock:$M/audit"
serves $bob
start_as $bob "$TRY" "open:rd:$M/audit" pause >"$T/reader3"
readers[3]=$started
wait_until 5 grep -q '^open OK' "$T/reader3" || fail "bob's reader: $(cat "$T/reader3")"
limited $carol "open:rd:$M/audit"
for i in 1 2 3; do
	kill -USR1 "${readers[i]}"
	wait "${readers[i]}"
done
expect_as $carol 'close OK' "open:rd:$M/audit" close
expect_as $ada 'close OK' "open:rd:$M/audit" close

# Names: those of all the holds and waits of a user; a group has several.
hold_as $ada a1 n1+n2+n3+n4
hold_as $ada a2 n5+n6
limited $ada "open:rw:$L/n7"
serves $bob
let_go "$a2"
expect_as $ada 'close OK' "open:rw:$L/n7" close
let_go "$a1"

wait_until 5 all_told || fail "$limits denials; the log has $(denials), metrics $(counted)"
exec 9>&-
same "all is free" "" "$(ls -A "$L")"
lokt_stop

# While a runaway script runs against its limit, another one's service is full.
lokt_start allow_other,max_holds=20/100,max_waiters=20/100
begin=$(jq .log.seq "$M/status.json")
start_as $ada bash -c 'for ((i = 0; ; i++)); do exec {fd}>"$1/run$((i % 25))@try"; done' bash "$L" \
	2>/dev/null
runaway=$started
met() {
	[ "$(counted)" -gt 50 ]
}
wait_until 20 met || fail "it meets no limit"
for i in 1 2 3 4 5; do
	hold_as $bob b1 work
	queue_as $bob b2 work@timeout=50s
	let_go "$b1"
	granted "$b2"
	let_go "$b2"
	expect_as $bob 'unlink OK' "open:wr+creat+trunc:$E/bobs" write:5m "unlink:$E/bobs"
done
check "it ran all the time" kill -0 $runaway
die KILL $runaway
same "bob was denied nothing" 0 "$(count '.event == "deny" and .uid == $u and .seq > $s' \
	--argjson u $bob --argjson s "$begin")"
same "ada never had more than her share" 0 "$(jq -n --argjson u $ada 'reduce inputs as $e ({n: 0, bad: 0};
	if $e.uid != $u then . elif $e.event == "acquire" then .n += 1
	elif $e.event | IN("release", "auto-prune") then .n -= 1 else . end
	| if .n > 20 then .bad += 1 else . end) | .bad' "$M/audit.jsonl")"
lokt_stop

# The defaults: 64 readers and 1,024 leases of one user are reached in no time; there are others.
lokt_start allow_other
mapfile -t steps < <(for ((i = 0; i < 64; i++)); do echo "open:rd:$M/audit"; done)
expect_as $ada 'open OK' "${steps[@]}"
expect_as $ada 'open ENOLCK' "${steps[@]}" "open:rd:$M/audit"
as $ada bash -c 'for ((i = 0; i < 1024; i++)); do : >"$1/l$i" || exit 1; done' bash "$E" ||
	fail "ada cannot have 1,024 leases"
expect_as $ada 'open ENOLCK' "open:wr+creat+trunc:$E/one-more"
expect_as $bob 'unlink OK' "open:wr+creat+trunc:$E/bobs" write:5m "unlink:$E/bobs"
expect_as $bob 'close OK' "open:rd:$M/audit" close
lokt_stop

# What is kept open of status and directories is the daemon's memory: KiB of it are limited.
rm -rf "$S" # and its leases: there is much to say of them
lokt_start allow_other,max_views=4
mapfile -t steps < <(for ((i = 0; i < 4; i++)); do echo "open:rd:$M/status/x.json"; done)
expect_as $ada 'open OK' "${steps[@]}"
expect_as $ada 'open ENOLCK' "${steps[@]}" "open:rd:$M/status.json"
expect_as $ada 'open ENOLCK' "${steps[@]}" "open:rd:$L"
check "it was told which" happened '.reason == "limit" and .limit == "max_views" and .uid == $u' \
	--argjson u $ada
expect_as $bob 'open OK' "${steps[@]}"
expect_as $ada 'open OK' "${steps[@]}"
