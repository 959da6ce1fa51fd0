#!/usr/bin/env bash
# What an attacker found, each as he found it.
. "$(dirname "$0")/lib.sh" || exit 1

# "looking never acquires": lsattr(1) asks for flags, for which the kernel opens the file once more.
lokt_start
need lsattr
timeout 30 lsattr -d "$L/look" >"$T/out" 2>&1
[ $? -ne 124 ] || fail "lsattr waits for itself"
same "only its own open acquired" 1 "$(count '.name == "look" and .event == "acquire"')"

# truncate(2) asks no open's leave: what cannot be written is not said to be cut, as in /proc.
for file in audit audit.jsonl status.json metrics; do
	refute "$file is cut" perl -e 'exit !truncate($ARGV[0], 0)' "$M/$file"
done
check "size of a lock" perl -e 'exit !truncate($ARGV[0], 0)' "$L/cut"

# A process whose first thread has ended still closes what it closes.
"${LOKTFS%/*}/lokt-headless" "$L/headless" || fail "lokt-headless: $?"
same "how it ended" "acquire release" "$(events '.name == "headless"' | jq -r .event | paste -sd ' ')"

# "After SIGTERM … readers of `audit` their end": the last line, and then no error.
cat "$M/audit" >"$T/read" 2>"$T/err" &
reader=$!
wait_until 5 grep -q checkpoint "$T/read" || fail "the reader does not read"
lokt_stop
wait $reader || fail "the reader ended with: $(cat "$T/err")"
same "the last event read" stop "$(tail -n 1 "$T/read" | jq -r .event)"

# "`token` grows with every grant, across names, restarts": over damage after damage too.
token=0
for damage in x 'head -c 4096 /dev/urandom' x 'head -c 300 /dev/urandom' 'head -c 4096 /dev/urandom'; do
	lokt_start
	for again in 1 2; do
		exec 9<>"$L/t@try" || fail "t is not free"
		now=$(jq .token <&9)
		exec 9>&-
		[ "$now" -gt "$token" ] || fail "after $damage, $again: token $now comes after $token"
		token=$now
	done
	lokt_kill
	file=$(lib_stored | tail -n 1)
	if [ "$damage" = x ]; then
		printf x >>"$file"
	else
		$damage >"$file"
	fi
done
lokt_start
exec 9<>"$L/t@try"
[ "$(jq .token <&9)" -gt "$token" ] || fail "the tokens go back"
exec 9>&-

# "nothing is granted that could not be remembered": the log's directory is gone.
mv "$S" "$S-gone"
rm -rf "$S-gone"
refused() {
	"$TRY" "open:rw:$L/nowhere@try" | grep -q '^open EIO'
}
wait_until 10 refused || fail "granted without a directory"
for again in 1 2; do
	expect 'open EIO' "open:rw:$L/nowhere@try"
done
lokt_stop
