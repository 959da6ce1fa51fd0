#!/usr/bin/env bash
# poll(2) of one's own descriptor of a lock.
#
# "While others wait, `poll` on a held descriptor reports `POLLPRI`: a polite holder can hand over
# early", "lost … `poll` reports `POLLERR|POLLHUP`"
. "$(dirname "$0")/lib.sh" || exit 1

lokt_start

# Others wait.
expect 'poll none' "open:rw:$L/p" poll:pri:100
"$TRY" "open:rw:$L/p" poll:pri:20000 close >"$T/polite" &
polite=$!
wait_until 5 state_is p held || fail "not held"
take next p
wait_until 3 gone $polite || fail "the polite one is not told that others wait"
granted "$next"
grep -qx 'poll PRI' "$T/polite" || fail "poll said: $(cat "$T/polite")"
let_go "$next"
# … already before the poll.
"$TRY" "open:rw:$L/p" pause poll:pri:20000 close >"$T/polite" &
polite=$!
wait_until 5 state_is p held || fail "not held"
queue next p
kill -USR1 $polite
wait_until 3 gone $polite || fail "the polite one is not told that others wait"
granted "$next"
grep -qx 'poll PRI' "$T/polite" || fail "poll said: $(cat "$T/polite")"
let_go "$next"

# The hold is lost, while polling and before.
begin=$(now_ms)
expect 'poll ERR+HUP' "open:rw:$L/p@ttl=300ms" poll:none:20000
within "ms until it was told" 299 3000 $(($(now_ms) - begin))
expect 'poll ERR+HUP' "open:rw:$L/p@ttl=100ms" sleep:400 poll:none:20000

# Broken.
"$TRY" "open:rw:$L/p" poll:none:20000 >"$T/poll" &
holder=$!
wait_until 5 state_is p held || fail "not held"
check "break" rm "$L/p@token=$(status p .holder.token)"
wait_until 3 gone $holder || fail "the holder is not told that the hold is lost"
grep -qx 'poll ERR+HUP' "$T/poll" || fail "poll said: $(cat "$T/poll")"
check "free" state_is p free
