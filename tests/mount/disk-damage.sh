#!/usr/bin/env bash
# The files of the log are damaged while nobody serves, each in turn: what fails its check is set aside
# and told, never believed and never deleted; what is sound before it goes on.
#
# "`corrupt-break`: stored state failed its check and was set aside, never guessed at", "`token` is the
# fencing token: a 64-bit integer that grows with every grant, across names, restarts and reboots."
. "$(dirname "$0")/lib.sh" || exit 1

need jq sha256sum
max=65536 # eight files' worth of history, so that there are several

# A log of several files, with a freeze and a lease; ended by SIGTERM, so that `end` knows its last line.
lokt_start audit_max=$max
echo 1h >"$M/freezes/frozen"
: >"$M/leases/leased"
"$CROWD" churn 1 70 "$L" >"$T/churn" || fail "$(cat "$T/churn")"
exec 9<>"$L/x"
token=$(jq .token <&9)
exec 9>&-
wait_until 5 state_is x free || fail "x is not given back"
lokt_stop
mapfile -t files < <(lib_stored)
[ ${#files[@]} -ge 4 ] || fail "${#files[@]} log files: this test tests nothing"
files=("${files[@]##*/}")
first=${files[0]} middle=${files[1]} last=${files[-1]}
mv "$S" "$T/sound"

# again: the sound log once more, with nothing served.
again() {
	! mounted || lokt_kill
	rm -rf "$S"
	cp -a "$T/sound" "$S"
	: >"$T/daemon.log"
}

# aside PATTERN: the names of what was set aside.
aside() {
	find "$S" -maxdepth 1 -name "set-aside.*${1-}*" -printf '%f\n'
}

# serves WHAT: it starts, the log is one chain, the tokens grow, and what outlives the machine is there.
serves() {
	lokt_start audit_max=$max
	exec 9<>"$L/x@try" || fail "$1: x is not free"
	now=$(jq .token <&9)
	exec 9>&-
	[ "$now" -gt "$token" ] || fail "$1: token $now comes after $token"
	state_is frozen frozen || fail "$1: the freeze is gone"
	state_is leased held || fail "$1: the lease is gone"
	cat "$M/audit.jsonl" >"$T/log"
	check "$1: one chain" "$LOKT" --mount "$M" audit verify
	same "$1: how the log begins" checkpoint "$(head -n 1 "$T/log" | jq -r .event)"
}

# broken WHAT DETAIL COUNT: the log tells it so.
broken() {
	same "$1: corrupt-break" "$2 $3" \
		"$(jq -r 'select(.event == "corrupt-break") | "\(.detail) \(.count // 0)"' "$T/log" |
			sed -E 's/^set-aside\.[0-9]+(-[0-9]+)?\./aside./' | paste -sd ';')"
}

size() {
	stat -c %s "$T/sound/$1"
}
end_of() {
	printf 'log.%020d.jsonl' $((10#${1//[!0-9]/} + $2))
}

# Nothing is wrong: what a start says.
again
serves sound
same "no damage" 0 "$(jq -c 'select(.event == "corrupt-break")' "$T/log" | wc -l)"
detail=$(jq -r 'select(.event == "start") | .detail' "$T/log" | tail -n 1)
seq=$(tail -n 1 "$T/sound/$last" | jq .seq)
[[ $detail =~ ^events=$seq,holds=0,leases=1,freezes=1,read=[0-9]+,ms=[0-9]+$ ]] ||
	fail "the start says: $detail"
grep -qF "$detail" "$T/daemon.log" || fail "and to the operator: $(cat "$T/daemon.log")"
[ "$now" -lt $((token + 100)) ] || fail "the tokens jump without need: $now after $token"

# A line that the daemon died in: it was no word to anybody. No new file is begun for it.
again
torn="{\"seq\":$((seq + 1)),\"ts\":\"2026-01-28T20:15:1"
printf %s "$torn" >>"$S/$last"
serves "a torn line"
broken "a torn line" "aside.$(end_of "$last" "$(size "$last")")" ${#torn}
same "what was torn" "$torn" "$(cat "$S"/set-aside.*)"
[ "$now" -lt $((token + 1000)) ] || fail "a torn line costs the tokens' limit: $now after $token"
same "the files" ${#files[@]} "$(find "$S" -name 'log.*' | wc -l)"

# The end is missing, to the line: `end` knows of more.
again
head -n -3 "$T/sound/$last" >"$S/$last"
serves "a lost tail"
broken "a lost tail" end-missing 3
grep -q 'is damaged: the last 3 lines are missing; .*tokens jump.*set aside: nothing$' "$T/daemon.log" ||
	fail "which is unclear: $(cat "$T/daemon.log")"
[ "$now" -ge 1000000 ] || fail "nothing vouches for the tokens after a lost tail, and yet: $now"

# A log that is as long and says something else at its end.
again
lokt_start audit_max=$max
echo 1h >"$M/freezes/one"
lokt_stop
cp "$S/end" "$T/end"
cp -a "$T/sound/." "$S"
lokt_start audit_max=$max
echo 1h >"$M/freezes/two"
lokt_stop
cp "$T/end" "$S/end"
serves "another log"
broken "another log" another-log 0

# A bit flips. In the last file: what comes after it is set aside. In an older one the line is served as it
# lies there, and shows.
flip() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059
	printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
again
flip "$S/$last" $(($(size "$last") - 1000))
serves "a flipped bit"
broken "a flipped bit" "aside.$(aside | cut -d. -f3-) $(cat "$S"/set-aside.* | wc -c);end-missing" 4
grep -qF "the last 4 lines are missing" "$T/daemon.log" && grep -qF "set aside: $(aside)" "$T/daemon.log" ||
	fail "which is unclear: $(cat "$T/daemon.log")"
again
flip "$S/$middle" $(($(size "$middle") - 100))
lokt_start audit_max=$max
same "no line less" "$(cat "$T"/sound/log.* | wc -l)" "$(grep -c -v '"pid":'"$D" "$M/audit.jsonl")"
refute "lokt audit verify" "$LOKT" --mount "$M" audit verify
check "frozen" state_is frozen frozen

# A file is missing, cut, empty or longer than it was. The newest that begins with a checkpoint has the
# state, and what does not lead up to it is no history of it.
for what in missing cut empty; do
	for file in "$last" "$middle"; do
		again
		case $what in
		missing) rm "$S/$file" ;;
		cut) truncate -s 100 "$S/$file" ;;
		empty) : >"$S/$file" ;;
		esac
		serves "$what: $file"
		[ "$what" = missing ] || [ "$(aside "$file")" ] || fail "$what: $file is not set aside"
		happened '.event == "corrupt-break"' || fail "$what: $file, and no corrupt-break"
		if [ "$file" = "$middle" ]; then
			[ "$(aside "$first")" ] || fail "$what: what was before the gap is not set aside"
			cmp -s "$S/$(aside "$first")" "$T/sound/$first" || fail "$what: and changed"
		fi
	done
done
again
rm "$S/$first"
serves "no first file"
same "as if it were too old" 0 "$(grep -c corrupt-break "$T/log")"
again
echo '{"seq":1}' >>"$S/$middle"
serves "a longer file"
broken "a longer file" "aside.$(end_of "$middle" "$(size "$middle")")" 10
same "no line less" "$(head -n 1 "$T/sound/$first")" "$(head -n 1 "$T/log")"
again
sed -i '2s/"event":"/&x/' "$S/$middle"
serves "a longer line" # what stands where the file should end is none
[ "$(aside "$middle")" ] || fail "a file with a longer line is not set aside"
cmp -s "$S/$(aside "$first")" "$T/sound/$first" || fail "what was before that is not set aside"

# Something else has its name: it is neither followed nor waited for.
# odd WHAT FILE
odd() {
	rm -f "$S/$2"
	case $1 in
	directory) mkdir "$S/$2" ;;
	link) ln -s "$T/sound/$first" "$S/$2" ;;
	pipe) mkfifo "$S/$2" ;;
	esac
}
for what in directory link pipe; do
	again
	odd $what "$last"
	serves "a $what as $last"
	[ "$(aside "$last")" ] || fail "a $what as $last is not set aside"
	again
	for file in lock tokens end new.jsonl "$middle"; do
		odd $what "$file"
	done
	serves "a $what as all kinds of files"
	for file in lock tokens end new.jsonl "$middle" "$first"; do
		[ "$(aside "$file")" ] || fail "a $what as $file is not set aside"
	done
	jq -r 'select(.event == "corrupt-break") | .detail' "$T/log" | grep -qx 'set-aside.*+[4-9]' ||
		fail "a $what as all kinds of files: $(grep corrupt-break "$T/log")"
done
# What is said beside the log is not what we write there: it is set aside. Without `end` nothing shows that the log's
# end is there, and the tokens jump. An empty one says nothing.
for file in tokens end; do
	for garbage in garbage "$(cat "$T/sound/$file")0"; do
		again
		printf '%s\n' "$garbage" >"$S/$file"
		serves "$garbage in $file"
		broken "$garbage in $file" "aside.$file" 0
		same "$garbage in $file: kept" "$garbage" "$(cat "$S/$(aside "$file")")"
		grep -q "s/$file fails its check: set aside" "$T/daemon.log" || fail "$garbage in $file: not told"
	done
	again
	: >"$S/$file"
	serves "an empty $file"
	same "an empty $file" 0 "$(grep -c corrupt-break "$T/log")"
done
again
echo garbage >"$S/end"
truncate -s -1 "$S/$last"
serves "garbage in end, and a torn line"
[ "$now" -ge 1000000 ] || fail "nothing shows how far the log had come, and yet: $now"
# Nor is it lost when it comes while one serves.
again
lokt_start audit_max=$max
for file in tokens end; do
	echo garbage >"$S/$file"
done
rm "$(lib_stored | tail -n 1)" # the next one is safe, and a number above its tokens is written
wait_until 10 eval ': >"$L/x"; happened ".detail == \"new-file\""' || fail "no new file"
lokt_stop
for file in tokens end; do
	same "garbage in $file" garbage "$(cat "$S"/set-aside.*."$file")"
	check "a line in $file" grep -qE '^[0-9]{20}( [0-9a-f]{64})?$' "$S/$file"
done

again
serves sound
cat "$S"/log.* >"$T/log"
verify_chain "$T/log" '*'

# No log is left: the tokens go on all the same.
again
rm "$S"/log.*
lokt_start audit_max=$max
exec 9<>"$L/x@try"
[ "$(jq .token <&9)" -gt "$token" ] || fail "no log: the tokens go back"
exec 9>&-
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
broken "no log" end-missing "$seq"

# What cannot be read may be readable another time: nothing is changed, and nothing is served.
again
lokt_start audit_max=$max
lokt_kill
find "$S" -type f ! -name lock -exec sha256sum {} + | sort >"$T/before"
for faults in '0 0 5 0 0 0' '0 0 0 0 0 5'; do # the files, and their directory
	# shellcheck disable=SC2086 # they are words
	printf '%12d%12d%12d%12d%12d%12d\n' $faults >"$T/fault"
	ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0 LOKT_FAULT=$T/fault \
		LD_PRELOAD=$LOKT_BUILD/lokt-fault.so "$LOKTFS" -o "state=$S" "$M" \
		</dev/null >"$T/out" 2>&1 && fail "it starts without its log ($faults)"
	grep -q 'cannot read .*: Input/output error' "$T/out" || fail "which is unclear: $(cat "$T/out")"
	! mounted || fail "something is mounted"
	check "nothing is changed" diff "$T/before" <(find "$S" -type f ! -name lock -exec sha256sum {} + | sort)
done
