#!/usr/bin/env bash
# Leases: a hold that outlives the process that took it.
#
# "`leases/<name>[@owner=]`: ">" = take a hold that outlives the process · ">>" or touch = renew · rm =
# release", "A lease on `build` is an exclusive hold on the same lock as `locks/build`.", "A free lease
# does not exist (`ENOENT`). `echo 10m > leases/build` takes it: held by anyone, as lease or open,
# oneself included: `EEXIST`; frozen: `EBUSY`. The label is part of the identity:
# `leases/build@owner=stage-2`."
. "$(dirname "$0")/lib.sh" || exit 1

E=$M/leases
lokt_start lease_ttl=40m

# write_to REDIRECTION FILE TEXT: the error of a shell that does it, empty when there is none.
write_to() {
	(case $1 in
	'>') echo "$3" >"$2" ;;
	'>>') echo "$3" >>"$2" ;;
	esac) 2>&1 | sed 's/.*: //'
}
# lines NAME: the events of NAME.
lines() {
	events '.name == $n and .event != "deny"' --arg n "$1" | jq -r .event | paste -sd ' '
}

# A free one does not exist.
for step in stat unlink utimes open:rd open:wr open:wr+append; do
	expect "${step%%:*} ENOENT" "$step:$E/build"
done
same "nor by echo" "No such file or directory" "$(write_to '>>' "$E/build" 10m)"
refute "nor by touch" touch "$E/build"
refute "nor by cat" cat "$E/build"
same "nothing is listed" "" "$(ls -A "$E")"
same "and nothing was taken" 0 "$(count '.event == "acquire"')"

# Taken; the process that took it is gone.
bash -c 'echo 10m >"$1"' bash "$E/build" || fail "cannot take it"
check "it exists" test -f "$E/build"
same "listed" build "$(ls "$E")"
same "among the locks too" build "$(ls "$L")"
check "a hold like others" jq -e --argjson u "$(id -u)" --arg n "$(id -un)" '.state == "held"
	and (.holder | .kind == "lease" and .mode == "exclusive" and .uid == $u and .owner == $n
		and .token > 0 and .ttl_ms == 600000 and .remaining_ms > 500000
		and .remaining_ms <= 600000)' "$M/status/build.json"
check "cat shows it" jq -e --argjson t "$(status build .holder.token)" '.name == "build"
	and .token == $t and .ttl_ms == 600000 and .state == "held"' "$E/build"
same "its user" "$(id -u)" "$(stat -c %u "$E/build")"
happened '.event == "acquire" and .name == "build" and .kind == "lease"' || fail "not in the log"

# Nobody else has it: not as a lease, not by an open, not with another label, not even oneself.
same "oneself" "File exists" "$(write_to '>' "$E/build" 10m)"
same "with a label" "File exists" "$(write_to '>' "$E/build@owner=stage-2" 10m)"
expect 'open EEXIST' "open:wr+creat+excl:$E/build"
(set -o noclobber && : >"$E/build") 2>/dev/null && fail "taken twice"
expect 'open EAGAIN' "open:rw:$L/build@try"
expect 'open EAGAIN' "open:rd:$L/build@shared,try"
same "the TTL is as before" 600000 "$(status build .holder.ttl_ms)"
queue next build
check "rm releases" rm "$E/build"
granted "$next"
# "`release` (`held_ms`): closed, or lease removed"
same "how it ended" "acquire renew release acquire" "$(lines build)"
happened '.event == "release" and .name == "build" and .held_ms >= 0' || fail "no held_ms"

# Held by an open: it is no lease, and cannot be taken.
expect 'stat ENOENT' "stat:$E/build"
expect 'unlink ENOENT' "unlink:$E/build"
same "nothing is listed" "" "$(ls "$E")"
same "held by an open" "File exists" "$(write_to '>' "$E/build" 10m)"
same "nor renewed" "No such file or directory" "$(write_to '>>' "$E/build" 10m)"
exec 9>"$L/mine"
same "oneself included" "File exists" "$(write_to '>' "$E/mine" 10m)"
exec 9>&-
let_go "$next"

# Frozen.
echo 1h >"$M/freezes/build"
same "frozen" "Device or resource busy" "$(write_to '>' "$E/build" 10m)"
expect 'stat ENOENT' "stat:$E/build"
rm "$M/freezes/build"
check "taken" eval 'echo 10m >"$E/build"'
echo 1h >"$M/freezes/build"
check "who has it keeps it, and may renew" eval 'echo 20m >>"$E/build"'
same "the new TTL" 1200000 "$(status build .holder.ttl_ms)"
rm "$M/freezes/build" "$E/build"

# Renewing. "`echo 10m >> leases/build`, or `touch` by the last TTL, renews one's own; absent:
# `ENOENT`, it is never re-taken in silence; another user's, or another label: `EPERM`. `rm` releases;
# not yours: `EPERM`. `cat` shows the hold."
echo 5m >"$E/r@owner=stage-2"
same "the label" stage-2 "$(status r .holder.owner)"
token=$(status r .holder.token)
check "renewed" eval 'echo 7m >>"$E/r@owner=stage-2"'
same "the TTL" 420000 "$(status r .holder.ttl_ms)"
before=$(status r .holder.expires_at)
sleep 0.05
check "by touch" touch "$E/r@owner=stage-2"
[[ $(status r .holder.expires_at) > $before ]] || fail "touch does not renew"
same "by the last TTL" 420000 "$(status r .holder.ttl_ms)"
check "an empty line: the last TTL" eval 'echo >>"$E/r@owner=stage-2"'
same "by the last TTL" 420000 "$(status r .holder.ttl_ms)"
same "renewals, with the first TTL" "4 300000 420000 420000 420000" "$(status r .holder.renewals) $(events \
	'.event == "renew" and .name == "r"' | jq .ttl_ms | paste -sd ' ')"
for path in r r@owner=stage-3; do
	same "renewing as $path" "Operation not permitted" "$(write_to '>>' "$E/$path" 20m)"
	refute "touching as $path" touch "$E/$path"
	expect 'unlink EPERM' "unlink:$E/$path"
	check "it is seen by any label" jq -e --argjson t "$token" '.token == $t' "$E/$path"
done
same "nothing changed" "420000 $token" "$(status r '"\(.holder.ttl_ms) \(.holder.token)"')"
# "`renew`: write "<name> [ttl]" = refresh what the writer, an ancestor of it, or its user's lease holds"
check "taken by a process that is gone" bash -c 'echo 5m >"$1"' bash "$E/gone"
check "and renewed by its user" eval 'echo "gone 9m" >"$M/renew"'
same "the TTL" 540000 "$(status gone .holder.ttl_ms)"
rm "$E/gone"
check "rm releases" rm "$E/r@owner=stage-2"
check "free" state_is r free

# Without a label it is the user's name.
echo 5m >"$E/named"
check "the same" eval 'echo 6m >>"$E/named@owner=$(id -un)"'
rm "$E/named@owner=$(id -un)"

# Its TTL passes: it is gone, for good.
echo 10m >"$E/short"
queue next short
echo 300ms >>"$E/short"
granted "$next"
same "how it ended" "acquire renew renew stale-break acquire" "$(lines short)"
same "not taken again" "No such file or directory" "$(write_to '>>' "$E/short" 10m)"
refute "nor by touch" touch "$E/short"
same "the holder is the next one" "$next" "$(status short .holder.pid)"
let_go "$next"
same "nor when it is free" "No such file or directory" "$(write_to '>>' "$E/short" 10m)"
check "free" state_is short free

# "It is taken at the open, with the mount's default TTL (`-o lease_ttl=15m`); each write(2) is one
# whole command; if the taking descriptor's write is refused, the lease is dropped."
exec 9>"$E/open"
check "taken at the open" state_is open held
same "with the mount's default" 2400000 "$(status open .holder.ttl_ms)"
printf 500 >&9
same "a whole command: 500 seconds" 500000 "$(status open .holder.ttl_ms)"
printf 7m >&9
same "another" 420000 "$(status open .holder.ttl_ms)"
exec 9>&-
check "the close does not end it" state_is open held
check "a renewal that is refused" eval '! echo banana 2>/dev/null >>"$E/open"'
same "changes nothing" 420000 "$(status open .holder.ttl_ms)"
rm "$E/open"
: >"$E/empty" || fail "cannot take it without a TTL"
same "no TTL: the default" 2400000 "$(status empty .holder.ttl_ms)"
rm "$E/empty"
echo >"$E/empty" || fail "cannot take it by an empty line"
same "an empty line: the default" 2400000 "$(status empty .holder.ttl_ms)"
rm "$E/empty"
check "with noclobber" bash -o noclobber -c 'echo 5m >"$1"' bash "$E/excl"
same "as written" 300000 "$(status excl .holder.ttl_ms)"
rm "$E/excl"
for bad in banana 0 -1 721h none 1.5s '10m x' 'renew' $'1m\n1m'; do
	expect 'write EINVAL' "open:wr+creat+trunc:$E/bad" "write:$bad"
	check "dropped after '$bad'" state_is bad free
	expect 'stat ENOENT' "stat:$E/bad"
done
same "the shell is told" "Invalid argument" "$(write_to '>' "$E/bad" banana)"
check "dropped" state_is bad free
exec 9>"$E/late"
printf 5m >&9
printf banana >&9 2>/dev/null
exec 9>&-
check "also by a later write" state_is late free

# Names, and what is no option of a lease.
for bad in .x -x 'a b' a+b a@ttl=1s a@try a@shared a@slots=2 a@owner= 'a@owner=a b' a@owner=x,owner=y \
	a@owner=x,ttl=1s a@bogus; do
	refute "a lease '$bad'" eval 'echo 10m >"$E/$bad"' 2>/dev/null
done
same "none of these was taken" "" "$(ls -A "$E")"
expect 'mkdir EPERM' "mkdir:$E/dir"
expect 'chmod ENOENT' "chmod:$E/x"

# Breaking, and beside a group: a name that others wait for is not free.
echo 10m >"$E/b"
token=$(status b .holder.token)
expect 'unlink EBUSY' "unlink:$L/b"
expect 'unlink ESTALE' "unlink:$L/b@token=$((token + 1))"
check "break" rm "$L/b@token=$token"
expect 'stat ENOENT' "stat:$E/b"
same "how it ended" "acquire renew force-break" "$(lines b)"
hold holder ga
queue group ga+gb
same "held back" "Resource temporarily unavailable" "$(write_to '>' "$E/gb" 10m)"
let_go "$holder"
granted "$group"
let_go "$group"

# Its descriptors do not keep it, and a token is never granted twice.
exec 9>"$E/kept"
rm "$E/kept"
check "released with a descriptor open" state_is kept free
exec 9>&-
check "tokens only grow" jq -s -e '[.[] | select(.event == "acquire") | .token]
	| . == (sort | unique)' "$M/audit.jsonl"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
