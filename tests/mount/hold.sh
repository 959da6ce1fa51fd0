#!/usr/bin/env bash
# What a read of one's own descriptor of a lock gives.
#
# "`locks/<spec>`: open = acquire · last close or death = release · write "renew" = refresh · read =
# my hold", "`read` (of a descriptor opened for reading, `exec 9<>locks/x`) gives one JSON line:
# `{"name", "token", "mode", "owner", "uid", "pid", "acquired_ts", "ttl_ms", "expires_at",
# "state"}`; `state` is `held` or `lost`.", "The offset means nothing here …: after the open, after
# a write and after a read that returned 0, a read starts a fresh line, goes through it, then
# returns 0; `pread` at 0 always starts a fresh one.", "`pid` is the process, not the thread;"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# In bash.
exec 9<>"$L/x@ttl=30m,owner=me:1" || fail "cannot take x"
IFS= read -r line <&9 || fail "no line"
check "the members" jq -e --argjson p $$ --argjson u "$(id -u)" '.name == "x" and .token > 0 and .mode == "exclusive"
	and .owner == "me:1" and .uid == $u and .pid == $p
	and .ttl_ms == 1800000 and .state == "held"
	and (.acquired_ts | test("^20..-..-..T..:..:..[.]...Z$"))
	and (.expires_at | test("^20..-..-..T..:..:..[.]...Z$"))' <<<"$line"
same "no others, in this order" \
	"name token mode owner uid pid acquired_ts ttl_ms expires_at state" \
	"$(jq -r 'keys_unsorted | join(" ")' <<<"$line")"
if IFS= read -r more <&9; then
	fail "one line, then the end; got $more"
fi
for ((i = 0; i < 30; i++)); do
	cat <&9
done >"$T/often"
same "the same, however often it is read" 1 "$(sort -u "$T/often" | wc -l)"
check "it expires its TTL after the grant" jq -e '
	def ms: (.[:19] + "Z" | fromdateiso8601) * 1000 + (.[20:23] | tonumber);
	(.acquired_ts | ms) + .ttl_ms == (.expires_at | ms)' <<<"$line"
IFS= read -r again <&9 || fail "after the end a fresh line"
same "of the same hold" "$(jq .token <<<"$line")" "$(jq .token <<<"$again")"
if IFS= read -r more <&9; then
	fail "one line, then the end; got $more"
fi
same "cat gives it whole" 1 "$(cat <&9 | wc -l)"
same "byte by byte" "$(jq -c .token <<<"$line")" "$(dd bs=1 status=none <&9 | jq -c .token)"
same "by sevens" "$(jq -c .token <<<"$line")" "$(dd bs=7 status=none <&9 | jq -c .token)"
expires=$(jq -r .expires_at <<<"$line")
echo 'renew 1h' >&9 || fail "cannot renew"
IFS= read -r after <&9 || fail "after a write a fresh line"
same "the new TTL" 3600000 "$(jq .ttl_ms <<<"$after")"
[[ $(jq -r .expires_at <<<"$after") > $expires ]] || fail "expires_at did not move"
exec 9>&-

# Without a shell between.
steps=$("$TRY" "open:rw:$L/x" read:5 read read read:3 'write:renew 9s' read read pread:0:6 close)
mapfile -t out <<<"$steps"
same "the first five bytes" 'read 5 {"nam' "${out[1]}"
[[ ${out[2]} =~ ^read\ [0-9]+\ e\":\"x\".*\"held\"\}\\n$ ]] || fail "the rest: ${out[2]}"
same "the end" 'read 0' "${out[3]}"
same "a fresh line" 'read 3 {"n' "${out[4]}"
same "a command in the middle of a line" 'write OK' "${out[5]}"
[[ ${out[6]} =~ ^read\ [0-9]+\ \{\"name\".*\"ttl_ms\":9000.*\\n$ ]] || fail "after it: ${out[6]}"
same "the end" 'read 0' "${out[7]}"
same "pread at 0" 'pread 6 {"name' "${out[8]}"
mapfile -t out < <("$TRY" "open:rw:$L/x" read:5 pread:0 pread:0:2 close)
[[ ${out[2]} =~ ^pread\ [0-9]+\ \{\"name\".*\}\\n$ ]] || fail "pread in a line: ${out[2]}"
same "pread again" 'pread 2 {"' "${out[3]}"

# What the descriptor was not opened for.
expect 'write EBADF' "open:rd:$L/x" write:renew
expect 'read EBADF' "open:wr:$L/x" read
expect 'write OK' "open:wr:$L/x" 'write:renew 5s'
expect 'close OK' "open:wr+append:$L/x" 'write:renew 5s' close

# What ends it: the close, and the death.
hold holder x
let_go "$holder"
check "free after the close" state_is x free
hold holder x
die KILL "$holder"
wait_until 5 state_is x free || fail "held by the dead"

# A second thread's hold is its process's.
"$TRY" "open:rw+thread:$L/thread" read pause close >"$T/thread" &
holder=$!
wait_until 5 grep -q '^read' "$T/thread" || fail "the thread does not get it"
same "the process, not the thread" $holder "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$T/thread")"
same "also in the status" $holder "$(status thread .holder.pid)"
kill -USR1 $holder
wait $holder
