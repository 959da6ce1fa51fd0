#!/usr/bin/env bash
# The disk fails while somebody serves, or the log is taken away under him: nothing is granted that could
# not be remembered, all else goes on, and so does the service as soon as it can, by itself.
#
# "`EIO`: the log cannot be written: nothing is granted that could not be remembered"
. "$(dirname "$0")/lib.sh" || exit 1

need jq
# The daemon's disk fails as this file says; see fault.c.
faults() {
	printf '%12d%12d%12d%12d%12d\n' "$1" "$2" "$3" 0 0 1<>"$T/fault"
}
with_library fault
EROFS=30 EIO=5

refuses() {
	"$TRY" "open:rw:$L/${1-probe}" | grep -q '^open EIO'
}
grants() {
	"$TRY" "open:rw:$L/${1-probe}" close | grep -q '^open OK'
}
# whole WHAT: the log is one chain, and what is held, frozen and leased is.
whole() {
	cat "$M/audit.jsonl" >"$T/log" || fail "$1: the log cannot be read"
	check "$1: one chain" "$LOKT" --mount "$M" audit verify
	check "$1: nothing is told twice" jq -s -e '[.[].seq] | . == (sort | unique)' "$T/log"
	same "$1: held" "$token" "$(status held .holder.token)"
	state_is frozen frozen || fail "$1: not frozen"
	same "$1: leased" lease "$(status leased .holder.kind)"
}
# new_files: how often the log had to go on in a new file, after the start.
files=0
new_files() {
	echo $(($(count '.event == "recover" and .detail == "new-file"') - files))
}

faults 0 0 0
lokt_start
echo 1h >"$M/freezes/frozen"
: >"$M/leases/leased"
lokt_kill
faults 0 $EIO 0
# It starts on a disk that cannot be synced, and grants nothing.
lokt_start
refuses || fail "granted on a disk that cannot be synced"
check "still frozen" state_is frozen frozen
faults 0 0 0
wait_until 10 grants || fail "the service does not resume"
files=$(new_files)
exec 8<>"$L/held"
token=$(jq .token <&8)

# The disk becomes read-only, or fails.
for error in $EROFS $EIO; do
	hold holder x
	queue waiter x
	faults "$error" 0 0
	refuses || fail "granted on a disk that cannot be written ($error)"
	refute "a freeze" eval 'echo 1h >"$M/freezes/y"'
	check "not frozen" state_is y free
	refute "a lease given back" rm "$M/leases/leased"
	let_go "$holder"
	check "released" state_is x free
	check "audit.jsonl" cmp <(head -n 1 "$M/audit.jsonl") <(head -n 1 "$(lib_stored | head -n 1)")
	faults 0 0 0
	wait_until 10 grants || fail "the service does not resume"
	wait "$waiter" 2>/dev/null
	whole "error $error"
	check "its end was told" happened ".name == \"x\" and .event == \"release\""
done
same "no new file for that" 0 "$(new_files)"

# A sync fails: what the kernel could not write it may have dropped, so that file is not believed any more,
# whatever the next sync says.
faults 0 $EIO 0
refute "a freeze" eval 'echo 1h >"$M/freezes/y"'
check "not frozen" state_is y free
refuses || fail "granted in a file that could not be synced"
same "no new file yet" 0 "$(new_files)"
faults 0 0 0
wait_until 10 grants || fail "the service does not resume"
same "a new file" 1 "$(new_files)"
whole "a sync that failed"
check "a freeze" eval 'echo 1h >"$M/freezes/y"'
check "frozen" state_is y frozen

# The server dies meanwhile: the next one has the state, reads and releases go on, and grants come back
# with the disk.
hold holder x
faults $EROFS 0 0
refuses || fail "granted on a read-only disk"
lokt_die
same "held" "$token" "$(status held .holder.token)"
refuses || fail "granted on a read-only disk by the next server"
check "audit.jsonl" grep -q '"name":"x"' "$M/audit.jsonl"
let_go "$holder"
wait_until 5 state_is x free || fail "not released"
faults 0 0 0
wait_until 10 grants || fail "the service does not resume"
whole "a server on a read-only disk"

# The log cannot be read: that is told to who reads it, and to nobody else.
faults 0 0 $EIO
refute "audit.jsonl" cat "$M/audit.jsonl"
check "granted" grants
check "status" jq -e . "$M/status.json"
faults 0 0 0
whole "unreadable"

# The directory goes, and comes back.
mv "$S" "$T/away"
wait_until 10 refuses || fail "granted without a directory"
check "status" state_is held held
sleep 0.6
refuses || fail "granted without a directory"
lokt_die
same "held" "$token" "$(status held .holder.token)"
refuses || fail "granted without a directory by the next server"
mv "$T/away" "$S"
wait_until 10 grants || fail "the service does not resume"
same "no new file for that" 1 "$(new_files)"
whole "a directory that came back"

# It is gone for good, and an empty one is in its place: the state goes into it.
mv "$S" "$T/gone"
wait_until 10 refuses || fail "granted without a directory"
mkdir -m 700 "$S"
wait_until 10 grants || fail "the service does not resume"
[ "$(ls "$S")" ] || fail "nothing is in the new directory"
whole "another directory"
files=0 # it is another log
same "its new file" 1 "$(new_files)"
refute "a second daemon in it" "$LOKTFS" -o "state=$S" "$M"

# Somebody deletes, cuts or writes the file that is written.
for deed in 'rm' 'truncate -s 300' 'truncate -s -1' 'sed -i s/acquire/acquired/'; do
	$deed "$(lib_stored | tail -n 1)"
	wait_until 10 refuses || fail "$deed: granted in a file that nobody would find"
	wait_until 10 grants || fail "$deed: the service does not resume"
	[ "$(stored_log | grep -c '"detail":"new-file"')" -gt 0 ] || fail "$deed: no new file"
	same "$deed: held" "$token" "$(status held .holder.token)"
done

# And a new daemon finds all of it.
exec 8>&-
wait_until 5 state_is held free || fail "not given back"
lokt_stop
lokt_start
state_is frozen frozen || fail "the freeze is gone"
state_is y frozen || fail "the second freeze is gone"
state_is leased held || fail "the lease is gone"
exec 8<>"$L/held"
[ "$(jq .token <&8)" -gt "$token" ] || fail "the tokens go back"
exec 8>&-
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log" '*'
