#!/usr/bin/env bash
# lokt demo mosaic: hundreds of processes, one picture, one lock.
#
# "512 workers on a 64x36 grid must complete and verify", "`--mode nolock` must visibly fail and exit
# non-zero", "entries count == T, i is contiguous 0..T-1 exactly once, chain verifies, all lines
# parse", "SIGINT: stop workers, restore terminal"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1

lokt_start
export LOKT_MOUNT=$M TERM=dumb
lines=mosaic.ledger.jsonl

# mosaic NAME FLAG…: paints, fast unless told otherwise.
mosaic() {
	"$LOKT" demo mosaic --dir "$T/$1" --name "$1" --tile 4 --tile-delay 5ms --chunk-delay 0 "${@:2}"
}

# start NAME FLAG…: the same in the background; sets `name` and `run`. What it says is in $T/out.
start() {
	name=$1
	"$LOKT" demo mosaic --dir "$T/$1" --name "$1" --tile 4 --tile-delay 5ms "${@:2}" >"$T/out" 2>&1 &
	run=$!
}

# signal_holder SIGNAL: signals the worker of `run` that holds the lock, in `holder`; tries for five
# seconds. Fast, for a worker holds for some dozen milliseconds; and no other process is signalled.
signal_holder() {
	local children text tries
	read -r -a children 2>/dev/null <"/proc/$run/task/$run/children"
	for ((tries = 0; tries < 500; tries++)); do
		text=$(<"$M/status/$name.json")
		if [[ $text =~ \"holder\":\{[^}]*\"pid\":([0-9]+) ]]; then
			holder=${BASH_REMATCH[1]}
			[[ " ${children[*]} " = *" $holder "* ]] && kill "-$1" "$holder" 2>/dev/null &&
				return
		fi
		sleep 0.01
	done
	fail "no worker holds it: $(<"$T/out")"
}

# all_wait NAME COUNT: so many wait for it.
all_wait() {
	[ "$(status "$1" '.waiters | length')" = "$2" ]
}

# stop_holder: stops the worker that holds the lock, while it holds it.
stop_holder() {
	signal_holder STOP
	sleep 0.02
	[ "$(status "$name" .holder.pid)" = "$holder" ] && return
	kill -CONT "$holder" # it had just let go
	return 1
}

# ---- a small one, looked at closely ----
mosaic small --grid 8x4 --workers 16 --seed 7 >"$T/out" || fail "$(<"$T/out")"
check "it says so" grep -q '^VERIFIED  32 tiles' "$T/out"
same "the ledger's order" "$(seq 0 31 | xargs)" "$(jq .i "$T/small/$lines" | xargs)"
check "members in order" jq -e 'keys_unsorted == ["i", "x", "y", "rgb", "owner", "pid", "ts",
	"token", "prev", "h"] and .x == .i % 8 and .y == (.i / 8 | floor)' "$T/small/$lines"
same "the first prev" GENESIS "$(head -n 1 "$T/small/$lines" | jq -r .prev)"
prev=GENESIS
while IFS= read -r line; do
	h=$(printf '%s%s}' "$prev" "${line%,\"h\":*}" | sha256sum | cut -d' ' -f1)
	same "the chain" "$prev $h" "$(jq -r '.prev + " " + .h' <<<"$line")"
	prev=$h
done <"$T/small/$lines"
check "tokens of real holds" jq -e -s --slurpfile log <(events '.event == "acquire"') '
	[.[].token] - [$log[].token] == [] and ([.[].token] | . == (sort | unique))' "$T/small/$lines"
same "mosaic.next" 32 "$(<"$T/small/mosaic.next")"
same "the state" "32 7 lokt" "$(jq -r '"\(.total) \(.seed) \(.mode)"' "$T/small/mosaic.state.json")"
same "the picture" "P6 32 16 255 $((13 + 32 * 16 * 3))" \
	"$(head -n 3 "$T/small/mosaic.ppm" | xargs) $(stat -c %s "$T/small/mosaic.ppm")"

# The same seed is the same picture, another is not.
mosaic again --grid 8x4 --workers 5 --seed 7 >"$T/out" || fail "$(<"$T/out")"
check "bit for bit" cmp "$T/small/mosaic.ppm" "$T/again/mosaic.ppm"
mosaic again --grid 8x4 --workers 5 --seed 8 >"$T/out" || fail "$(<"$T/out")"
refute "another seed" cmp -s "$T/small/mosaic.ppm" "$T/again/mosaic.ppm"

# ---- without the lock it fails, and shows it ----
mosaic nolock --mode nolock --grid 16x16 --workers 64 --chunk-delay 1ms --chunk-size 16 >"$T/out"
same "nolock" 1 $?
check "FAILED" grep -q FAILED "$T/out"
check "the first offence" grep -q 'the hash chain holds  *line [0-9]*: prev is not' "$T/out"

# ---- 512 workers on 64x36 ----
mosaic big --workers 512 --timeout 500ms --tile-delay 20ms >"$T/out" || fail "$(<"$T/out")"
check "all tiles" grep -q '^VERIFIED  2304 tiles' "$T/out"
check "a line a second" grep -q '/2304 tiles (' "$T/out"
left big

# ---- holders die, the lock freezes, and it completes ----
# (It is frozen between the deaths, too: it must not be over before the last.)
echo 1h >"$M/freezes/chaos"
start chaos --grid 10x10 --workers 24 --chunk-delay 10ms --chunk-size 8
wait_until 10 all_wait chaos 24 || fail "it does not begin: $(<"$T/out")"
for ((killed = 0; killed < 5; killed++)); do
	rm "$M/freezes/chaos"
	signal_holder KILL
	"$LOKT" freeze chaos --ttl 1h >/dev/null
done
wait_until 5 state_is chaos frozen || fail "somebody holds on"
before=$(tiles chaos)
sleep 0.6
same "nothing while frozen" "$before" "$(tiles chaos)"
check "denied as frozen" happened '.event == "deny" and .reason == "frozen"'
"$LOKT" unfreeze chaos >/dev/null
wait_until 10 begun chaos $((before + 5)) || fail "it does not go on after the freeze"
wait $run
code=$?
same "it completes: $(<"$T/out")" 0 $code
check "killed" grep -q '5 killed' "$T/out"
check "somebody took a tile over" grep -Eq '[1-9][0-9]* recovered' "$T/out"

# ---- a worker sleeps past its TTL over a tile half painted: it must not commit ----
# (Frozen as above.)
stop_and_freeze() {
	rm "$M/freezes/stopped"
	stop_holder
	local stopped=$?
	echo 1h >"$M/freezes/stopped"
	return $stopped
}
echo 1h >"$M/freezes/stopped"
start stopped --grid 6x5 --workers 8 --ttl 500ms --chunk-delay 20ms --chunk-size 8
wait_until 10 all_wait stopped 8 || fail "it does not begin: $(<"$T/out")"
wait_until 5 stop_and_freeze || fail "nobody to stop"
wait_until 5 happened '.event == "stale-break" and .name == "stopped"' || fail "it did not expire"
kill -CONT "$holder"
rm "$M/freezes/stopped"
wait $run
code=$?
same "it completes: $(<"$T/out")" 0 $code
check "who slept did not commit" grep -Eq '[1-9][0-9]* lost' "$T/out"
check "renewed" happened '.event == "renew"'

# ---- no worker left: it fails ----
start dead --grid 16x16 --workers 3 --chunk-delay 5ms --chunk-size 8
wait_until 10 begun dead 2 || fail "it does not begin: $(<"$T/out")"
read -r -a children <"/proc/$run/task/$run/children"
kill -KILL "${children[@]}"
wait $run
same "nobody left to paint" 1 $?
check "said" grep -q 'no worker is left' "$T/out"
check "FAILED" grep -q FAILED "$T/out"

# ---- stopped; killed ----
for signal in INT TERM KILL; do
	rm -rf "$T/stop"
	# A shell's background jobs ignore SIGINT; the default is wanted here.
	env --default-signal=INT "$LOKT" demo mosaic --dir "$T/stop" --name stop --workers 100 --grid 64x36 \
		>"$T/out" 2>&1 &
	run=$!
	wait_until 10 begun stop 5 || fail "it does not begin: $(<"$T/out")"
	kill -$signal $run
	wait $run 2>/dev/null
	code=$?
	same "by $signal" $((128 + $(kill -l $signal))) $code
	left stop
done

# ---- without a mount ----
"$LOKT" demo mosaic --mount "$T/nowhere" --dir "$T/none" >"$T/out" 2>&1
same "no mount" 1 $?
check "one line, with the remedy" grep -q "start one with: loktfs" "$T/out"
same "one line" 1 "$(wc -l <"$T/out")"
for bad in --grid=0x5 --grid=5 --grid=5x --workers=0 --tile=0 --ttl=0 --mode=maybe --name=.x extra; do
	"$LOKT" demo mosaic $bad >/dev/null 2>&1
	same "usage: $bad" 64 $?
done
