#!/usr/bin/env bash
# Histories of builds with faults planted in them are told from right ones: tests/histories.
. "$(dirname "$0")/lib.sh" || exit 1

need python3
histories=$lib_tree/tests/histories

# caught FAULT VERDICT OPTION…: the checker finds the fault in one of six short histories.
caught() {
	for _ in 1 2 3 4 5 6; do
		LOKT_PLANT=$1 "$histories/run" --loktfs "$LOKT_BUILD/loktfs-planted" --dir "$T" \
			--patience 3 "${@:3}" >"$T/out.$1"
		grep -qE "^VIOLATION: ($2)" "$T/out.$1" && return
	done
	fail "the fault '$1': $(cat "$T/out.$1")"
}

check "small histories" "$histories/wrong.py"
holds='a double grant|more holds than slots'
check "no fault is awake" "$histories/run" --loktfs "$LOKT_BUILD/loktfs-planted" --dir "$T" --crew-only 1 &
caught double "$holds" --crew-only 1
caught slots "$holds" --crew-only 1 &
caught token 'a token was used twice' --crew-only 1
caught swap 'a waiter was overtaken' --crew-only 1 &
caught shared "a waiter was overtaken|$holds" --crew-only 1.5
caught cut "a TTL was cut short|$holds" --crew-only 2 &
caught release 'a process still waits|nobody was granted|refused, though' --crew-only 1
# What a restart shows.
caught unlogged "" --kills 15 --without "upgrade server" &
caught order 'a waiter was overtaken' --kills 25
caught forget 'a wait was interrupted' --kills 15
wait
