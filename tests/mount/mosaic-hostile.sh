#!/usr/bin/env bash
# lokt demo mosaic where somebody else has been before: what he put in the place of its files is not
# written to, and his directory is not used at all.
#
# "Bad input gets a clear error and loses nothing"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
[ "$(id -u)" = 0 ] || skip "only root can make another user's directory"
lokt_start

# paint FLAG…: a tiny one in $T/d.
paint() {
	timeout 60 "$LOKT" demo mosaic --mount "$M" --dir "$T/d" --grid 4x3 --workers 3 --tile 2 \
		--tile-delay 0 "$@" >"$T/out" 2>&1
}

# fresh: an empty directory, and a file outside it that nobody may touch.
fresh() {
	rm -rf "$T/d"
	mkdir "$T/d"
	echo precious >"$T/precious"
}

# ---- links and fifos in the place of the files ----
for file in ledger.jsonl next ppm reports.jsonl stats.jsonl claims fence; do
	for how in 'ln -s' ln mkfifo; do
		fresh
		case $how in
		mkfifo) mkfifo "$T/d/mosaic.$file" ;;
		*) $how "$T/precious" "$T/d/mosaic.$file" ;;
		esac
		case $file in
		claims) paint --two-phase ;;
		fence) paint --check-token ;;
		*) paint ;;
		esac
		same "$how of $file: $(<"$T/out")" 0 $?
		same "$how of $file: what it led to" precious "$(<"$T/precious")"
	done
done

# ---- the state keeps others out by a lock: it cannot be made anew ----
for how in 'ln -s' ln mkfifo; do
	fresh
	case $how in
	mkfifo) mkfifo "$T/d/mosaic.state.json" ;;
	*) $how "$T/precious" "$T/d/mosaic.state.json" ;;
	esac
	paint
	same "$how of the state" 1 $?
	check "said: $(<"$T/out")" grep -q "choose one of yours with --dir" "$T/out"
	same "what it led to" precious "$(<"$T/precious")"
done

# ---- a lock service of its own: its messages, mount point and state ----
for file in mount.log mount mount.state; do
	fresh
	mkdir "$T/outside"
	touch "$T/outside/file"
	[ $file = mount.log ] && ln -s "$T/precious" "$T/d/$file" || ln -s "$T/outside" "$T/d/$file"
	timeout 60 "$LOKT" demo mosaic --private --dir "$T/d" --grid 4x3 --workers 3 >"$T/out" 2>&1
	same "what $file led to" precious "$(<"$T/precious")"
	check "what $file led to" [ -e "$T/outside/file" ]
	rm -r "$T/outside"
done

# ---- another user's directory ----
fresh
chown 65534 "$T/d"
paint
same "another user's directory" 1 $?
check "said: $(<"$T/out")" grep -q "^lokt: $T/d is another user's" "$T/out"
same "nothing is made there" "" "$(ls -A "$T/d")"
