#!/usr/bin/env bash
# The clocks are distrusted: the wall's jumps, while somebody serves, between two daemons and over a reboot; the
# machine sleeps; the log comes from the future. Who holds how long does not go by the wall, and over
# a reboot nobody holds longer than he was given.
#
# "TTLs of open holds and `timeout` run on CLOCK_MONOTONIC; leases and freezes on CLOCK_BOOTTIME, and by
# wall time over a reboot."
. "$(dirname "$0")/lib.sh" || exit 1

need jq
own_mounts
# clocks WALL BOOT: the daemon's clocks are so many seconds off; see fault.c.
clocks() {
	printf '%12d%12d%12d%12d%12d\n' 0 0 0 "$1" "$2" 1<>"$T/fault"
}
with_library fault
boots=0
# boot: the next daemon runs on a machine that came up again.
boot() {
	boots=$((boots + 1))
	echo "01234567-89ab-cdef-0123-4567890000$((10 + boots))" >"$T/boot_id.$boots"
	mount --bind "$T/boot_id.$boots" /proc/sys/kernel/random/boot_id 2>/dev/null ||
		skip "no other boot id can be shown here"
}
# lasts WHAT LEAST MOST: the lease and the freeze have so many seconds left.
lasts() {
	within "$1: ms of the lease" $(($2 * 1000)) $(($3 * 1000)) \
		"$(status leased .holder.remaining_ms)"
	within "$1: ms of the freeze" $(($2 * 1000)) $(($3 * 1000)) \
		"$(status frozen .freeze.remaining_ms)"
}
detail() {
	events '.event == "start"' | tail -n 1 | jq -r .detail
}

day=86400
clocks 0 0
lokt_start
echo 1h >"$M/freezes/frozen"
echo 1h >"$M/leases/leased"
exec 9<>"$L/held@ttl=1h"
token=$(jq .token <&9)

# The wall clock goes back by a day, and ahead by one, while the daemon runs.
for wall in -$day $day; do
	clocks "$wall" 0
	: >"$L/tick"
	lasts "the wall at $wall" 3500 3600
	within "ms of the hold" 3500000 3600000 "$(status held .holder.remaining_ms)"
	check "renewed" touch "$M/leases/leased"
done
same "the log says that it went back" 1 "$(count '.event == "recover" and (.detail // "" |
	test("^clock_back_s=(86400|86399)$"))')"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"

# Another daemon, and its wall clock is a day behind the log: it says so.
exec 9>&-
wait_until 5 state_is held free || fail "not given back"
lokt_stop
clocks 0 0
lokt_start
[[ $(detail) =~ ,ahead_s=86[34][0-9]{2}$ ]] || fail "nothing is said of the clock: $(detail)"
lasts "a log from the future" 3500 3600
exec 9<>"$L/held"
[ "$(jq .token <&9)" -gt "$token" ] || fail "the tokens go back"
exec 9>&-
echo 1h >"$M/freezes/frozen" # by the right time
touch "$M/leases/leased"
lokt_stop

# A machine that came up again, whose wall clock is a day behind: nobody has more than he was given.
boot
clocks -$day 0
lokt_start
lasts "a reboot into the past" 3500 3600
lokt_kill
# And one that was down for ten minutes and has the right time: they have passed.
boot
clocks 600 0
lokt_start
lasts "a reboot ten minutes later" 2800 3010

# The machine sleeps for two hours: what outlives it has ended, a hold's TTL has not run.
exec 9<>"$L/held@ttl=1h"
clocks 600 7200
wait_until 5 state_is leased free || fail "a lease outlasts the machine's sleep"
wait_until 5 state_is frozen free || fail "a freeze outlasts the machine's sleep"
within "ms of the hold" 3500000 3600000 "$(status held .holder.remaining_ms)"
same "how they ended" "stale-break thaw" "$(events '.event == "thaw" or .event == "stale-break"' |
	tail -n 2 | jq -r .event | sort | paste -sd ' ')"
same "the log says that it slept" 1 "$(count '.event == "recover" and .detail == "slept_s=7200"')"
exec 9>&-
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
lokt_stop
