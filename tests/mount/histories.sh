#!/usr/bin/env bash
# Many processes under a storm of kills, and whether one order of grants explains what they saw: tests/histories.
#
# LOKT_SEED chooses the storm, LOKT_KILLS its length.
. "$(dirname "$0")/lib.sh" || exit 1

need python3
"$lib_tree/tests/histories/run" --kills "${LOKT_KILLS:-50}" ${LOKT_SEED:+--seed "$LOKT_SEED"} \
	--without "kill both" --dir "$T" >"$T/out" || {
	cat "$T/out"
	fail "see above; for another look: LOKT_TEST_KEEP=1"
}
cat "$T/out"
