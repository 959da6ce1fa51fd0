#!/usr/bin/env bash
# lokt demo mosaic: whatever ends it, or a part of it, in the middle of the painting.
#
# "kill of the coordinator, of the renderer, of half the workers, of the daemon", "restores the terminal
# after anything, SIGINT and a crash of the renderer included", "leaves no process and no mount behind
# whatever ends it"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/terminal.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1

unset LOKT_MOUNT LOKT_ROOT
lokt_start
slow=(--tile 8 --chunk-size 64 --chunk-delay 5ms --tile-delay 5ms)

# stage NAME FLAG…: paints on a terminal; sets `pid`, that of the coordinator, and
# `renderer`, once it has begun.
stage() {
	name=$1
	shows 130x45 "$LOKT" demo mosaic --mount "$M" --dir "$T/$1" --name "$1" "${slow[@]}" "${@:2}"
	wait_until 10 begun "$1" 5 || fail "it does not begin: $(screen)"
	echo 1h >"$M/freezes/$1" # it must not be over before this
	pid=$(shown_pid)
	renderer=$(others "$pid")
	[ "$(running "$1" | wc -l)" -gt 8 ] || fail "these are not all processes: $(running "$1")"
	rm "$M/freezes/$1"
}

# start NAME FLAG…: the same without a terminal; what it says is in $T/NAME.out.
start() {
	name=$1
	"$LOKT" demo mosaic --dir "$T/$1" --name "$1" "${slow[@]}" "${@:2}" >"$T/$1.out" 2>&1 &
	pid=$!
	wait_until 10 begun "$1" 5 || fail "it does not begin: $(<"$T/$1.out")"
}

# finished CODE: the run without a terminal ends with it.
finished() {
	wait "$pid" 2>/dev/null
	code=$?
	same "$name: $(<"$T/$name.out")" "$1" $code
}

# says PATTERN: it stands in what the run without a terminal said.
says() {
	grep -Eq -- "$1" "$T/$name.out" || fail "$name: no '$1' in: $(<"$T/$name.out")"
}

# clean: nothing is left of the run, and its directory can be painted in anew.
clean() {
	left "$name"
	"$LOKT" demo mosaic --mount "$M" --dir "$T/$name" --name "$name" --grid 2x2 --workers 2 --tile 1 \
		--tile-delay 0 >"$T/again" 2>&1 || fail "$name: the next run: $(<"$T/again")"
}

# ---- the renderer: it goes on in lines ----
for signal in KILL SEGV TERM; do
	stage "renderer-$signal" --grid 12x10 --workers 8
	kill -$signal "$renderer"
	sees '^lokt: the drawing ended.*it goes on in lines'
	check "the terminal is given back" wait_until 5 given_back
	ended 0
	sees '^ ?VERIFIED +120 tiles'
	clean
done

# ---- the coordinator ----
stage coordinator --grid 64x36 --workers 50
kill -KILL "$pid"
ended 137 '(at last )?'
sees '^before'
clean

stage stopped --grid 12x10 --workers 8
kill -STOP "$pid"
sleep 0.3
kill -CONT "$pid"
ended 0
sees '^ ?VERIFIED +120 tiles'
clean

# ---- signals: of the keyboard, of others, and the terminal closed ----
for signal in INT QUIT TERM HUP; do
	stage "signal-$signal" --grid 64x36 --workers 8
	case $signal in
	INT) press C-c ;;
	QUIT) press 'C-\' ;;
	*) kill -$signal "$pid" ;;
	esac
	ended $((128 + $(kill -l $signal)))
	sees '^before'
	clean
done
stage closed --grid 64x36 --workers 50
tm kill-session -t show
clean

# ---- ended while it is suspended, by a shell as one works with ----
name=suspended
# shellcheck disable=SC2016 # for that shell
shows 100x30 bash -c 'set -m; "$@"; pid=$(jobs -p); kill %1
	while [ -e /proc/$pid ]; do sleep 0.05; done; :' bash "$LOKT" demo mosaic --mount "$M" \
	--dir "$T/$name" --name $name "${slow[@]}" --workers 8
wait_until 10 begun $name 5 || fail "it does not begin: $(screen)"
press C-z
ended 0
sees '^\[1\].* Exit 143 '
clean

# The drawing is slow to stop: the shell has the terminal by then, or gets it only then, or ends it all before it has
# stopped. The terminal is given back all the same.
for name in by-then only-then never; do
	# shellcheck disable=SC2016 # for that shell
	shows 100x30 bash -c 'set -m; "$@"; while [ ! -e go ]; do sleep 0.05; done; kill %1; wait; :' bash \
		"$LOKT" demo mosaic --mount "$M" --dir "$T/$name" --name $name "${slow[@]}" --workers 8
	wait_until 10 begun $name 5 || fail "it does not begin: $(screen)"
	shell=$(shown_pid)
	pid=$(pgrep -P "$shell" -x lokt)
	renderer=$(others "$pid")
	kill -STOP "$renderer"
	[ $name != only-then ] || kill -STOP "$shell"
	press C-z
	wait_until 10 grep -q '^State:.T' "/proc/$pid/status" || fail "it does not stop"
	if [ $name != only-then ]; then
		wait_until 5 eval '[ "$(ps -o tpgid= -p "$pid")" != "$pid" ]' || fail "the shell does not have it"
	fi
	[ $name = never ] || kill -CONT "$renderer"
	[ $name != only-then ] || sleep 0.3 # it draws on
	kill -CONT "$shell"
	[ $name = never ] || check "$name: the terminal is given back" wait_until 5 given_back
	touch go
	ended 0
	rm go
	clean
done

# ---- the lock service hangs: who insists gets away ----
stage hung --grid 64x36 --workers 20
kill -STOP "$D"
insist() {
	press C-c
	on_screen 'code 1(30|37), .*as it was' # which C-c may stand before
}
wait_until 20 insist || fail "it does not end: $(screen)"
check "the terminal is given back" wait_until 5 given_back
kill -CONT "$D"
clean

# ---- half the workers at once, the holder or not: the others complete it ----
start half --mount "$M" --grid 12x10 --workers 40
echo 1h >"$M/freezes/half" # it must not be over before this
mapfile -t all < <(workers "$pid")
rm "$M/freezes/half"
kill -KILL "${all[@]:0:20}"
finished 0
says '^VERIFIED +120 tiles'
says '20 killed'
clean

# ---- the daemon ----
start private --private --grid 64x36 --workers 20
mapfile -t both < <(jq '.daemon | .pid, .supervisor_pid' "$T/private/mount/status.json")
kill -STOP "${both[@]}" # each would start the other again
kill -KILL "${both[@]}"
finished 1
says '^lokt: '
says '^FAILED'
clean

for how in lines terminal; do
	if [ $how = lines ]; then
		start "daemon-$how" --mount "$M" --grid 64x36 --workers 20
		lokt_kill
		finished 1
		says '^lokt: .*lock service'
	else
		stage "daemon-$how" --grid 64x36 --workers 20
		lokt_kill
		ended 1
		sees '^lokt: .*lock service'
		sees FAILED
	fi
	wait_until 10 eval '[ -z "$(running "$name")" ]' || fail "left: $(running "$name")"
	lokt_start
	clean
done

# ---- a directory that another run is using ----
start busy --mount "$M" --grid 64x36 --workers 4
tries=()
for flags in "--mount $M --name other" --private "--mount $M --mode nolock"; do
	# shellcheck disable=SC2086 # words
	"$LOKT" demo mosaic --dir "$T/busy" $flags >"$T/out.${#tries[@]}" 2>&1 &
	tries+=($!)
done
for i in "${!tries[@]}"; do
	wait "${tries[i]}"
	same "refused" 1 $?
	same "one line" 1 "$(wc -l <"$T/out.$i")"
	check "why" grep -q "another mosaic is being painted" "$T/out.$i"
done
before=$(tiles busy)
wait_until 10 begun busy $((before + 3)) || fail "it no longer paints"
kill "$pid"
finished 143
clean
