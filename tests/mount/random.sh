#!/usr/bin/env bash
# Random operations by several processes against a naive model, step by step: tests/random.
#
# LOKT_SEED chooses the story (else a fixed one and a new one are told), LOKT_STEPS its length. A
# machine that is slow or busy tells as much of it as the time allows.
#
# "First come, first served; a shared waiter never overtakes an exclusive one before it." and every
# other rule of who may hold what, and who is told what.
. "$(dirname "$0")/lib.sh" || exit 1

# Waiting for oneself is part of the story; a short history makes the log begin new files.
options=deadlock_timeout=none,audit_max=1M
group=
if [ "$(id -u)" = 0 ]; then
	options=$options,allow_other
	group=$(getent group staff | cut -d: -f1)
	options=$options${group:+,admins=$group}
fi
read -ra seeds <<<"${LOKT_SEED:-1 $((RANDOM << 15 | RANDOM))}"
seconds=$(((${LOKT_TEST_LIMIT:-100} - 20) / ${#seeds[@]}))

# The daemon comes back: after an orderly end, and after none.
restart() {
	if ((++restarts % 2)); then
		lokt_stop
	else
		lokt_kill
	fi
	# Its command line goes before its lock on the state.
	wait_until 5 gone "$D" || fail "the daemon $D does not end"
	lokt_start "$options"
}

for seed in "${seeds[@]}"; do
	lokt_start "$options"
	coproc "$LOKT_BUILD/lokt-random" "$M" "$seed" "${LOKT_STEPS:-10000}" "$seconds" \
		${group:+"$group"}
	lives=$COPROC_PID restarts=0
	exec {out}<&"${COPROC[0]}" {in}>&"${COPROC[1]}" # bash closes its own when the process ends
	while IFS= read -r line <&"$out"; do
		case $line in
		restart) restart && echo >&"$in" ;;
		*) echo "$line" ;;
		esac
	done
	exec {out}<&- {in}>&-
	wait "$lives" || fail "try LOKT_SEED=$seed"
	lokt_stop
	stored_log >"$T/log"
	verify_chain "$T/log" '*'
	rm -rf "$S" && mkdir "$S"
done
