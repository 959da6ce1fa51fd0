#!/usr/bin/env bash
# lokt doctor: says what is wrong, and what to do about it.
#
# "`doctor` (mount, state directory, clock, kernel features, `max_request_timeout`, rights; each with
# what to do)", "Exit: 0 done · 1 error · … · 64 usage"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

# doctor CODE [ARG…]: runs it; what it prints is in $T/out.
doctor() {
	local code
	"$LOKT" doctor "${@:2}" >"$T/out" 2>&1
	code=$?
	same "exit code of doctor ${*:2}, which says
$(<"$T/out")" "$1" $code
	refute "every line is a check" grep -Evq \
		'^(ok|note|warn|fail) {1,4}[a-z_0-9]+ +[^ ].*$|^[0-9]+ ok, [0-9]+ noted, [0-9]+ warned of, [0-9]+ failed$' "$T/out"
	refute "what is wrong has a remedy" grep -Eq '^(note|warn|fail)[^—]*$' "$T/out"
}

says() {
	grep -Eq -- "$1" "$T/out" || fail "no '$1' in:
$(<"$T/out")"
}

lokt_start
export LOKT_MOUNT=$M

# ---- nothing wrong ----
hold ada deploy@owner=ada
doctor 0
says "^ok +mount +$M is of type fuse.loktfs"
says '^(ok|warn) +answer +it (answers in|took) ' # it may be busy
says "^ok +server +it is pid $D, of uid $(id -u)$"
supervisor=$(jq .daemon.supervisor_pid "$M/status.json")
says "^ok +supervisor +it is pid $supervisor, of uid $(id -u)$"
says '^ok +version +lokt and loktfs are [0-9.]+$'
says '^ok +timeout '
says '^(ok|warn) +kernel +Linux '
says '^ok +clock '
says '^(ok|warn) +ntp '
says "^ok +state +$S is the daemon's alone"
says '^(ok|warn) +space +[0-9]+ MiB'
says "^ok +log +its head, line $(jq .log.seq "$M/status.json"), is intact"
says '^ok +holders +1, and nothing odd'
says "^ok +rights +$(id -un) \\(uid $(id -u)\\) may lock, and break and freeze everything"
says ', 0 failed$'

# ---- as JSON ----
"$LOKT" doctor --json >"$T/json" || fail "not 0"
check "one object" jq -e --arg m "$M" '.version == 1 and .mount == $m and .fail == 0 and
	.ok == ([.findings[] | select(.level == "ok")] | length) and
	all(.findings[]; keys == ["about", "level", "todo", "what"]) and
	all(.findings[]; .level == "ok" or .todo != "")' "$T/json"

# ---- what somebody may want to know ----
"$BASH" -c 'exec 8>"$1/heir"; sleep 100 8>&8 & exit' - "$L" # its child keeps the descriptor
echo 59s >"$M/freezes/site"
doctor 0
says '^note +holders +heir is held by .*: its process has ended'
says '^note +freezes +site is frozen by .*, thaws in '
rm "$M/locks/heir@token=$(status heir .holder.token)" "$M/freezes/site"

# ---- the state directory, and the log ----
mode=$(stat -c %a "$S")
chmod 777 "$S"
touch "$S/set-aside.0-1.jsonl"
doctor 1
says "^fail +state +others may write into $S .* — chmod go-w"
says "^warn +state +1 of the log's parts failed its check, set-aside.0-1.jsonl"
chmod "$mode" "$S"
rm "$S/set-aside.0-1.jsonl"
log=$(lib_stored | tail -n 1)
at=$(($(stat -c %s "$log") - 200))
was=$(dd if="$log" bs=1 skip=$at count=1 2>/dev/null)
printf '#' | dd of="$log" bs=1 seek=$at conv=notrunc 2>/dev/null
doctor 1
says '^fail +log +.*(was changed|is not the one|has not the line).* — lokt audit verify'
printf %s "$was" | dd of="$log" bs=1 seek=$at conv=notrunc 2>/dev/null
doctor 0

# ---- somebody else ----
if [ "$(id -u)" -eq 0 ]; then
	setpriv --reuid=65534 --regid=65534 --clear-groups "$LOKT" doctor >"$T/out"
	same "a mount of another user" 1 $?
	says "^fail +answer +$M is another user's \\(uid 0\\).* — .*allow_other"
fi
let_go "$ada"

# ---- a server that hangs, one that died, a supervisor that would not notice; and all are gone ----
stopped() {
	grep -q '^State:.T' "/proc/$1/status"
}

stop() {
	kill -STOP "$1"
	wait_until 5 stopped "$1" || fail "$1 does not stop"
}

stop "$D"
doctor 1
kill -CONT "$D"
says "^fail +answer +$M gave no answer for [0-9]+ s — "
says "^fail +server +it is pid $D, and stopped — kill -CONT $D"
says "^ok +supervisor +it is pid $supervisor, "
says '^ok +state '
lokt_die
lokt_die
doctor 0
says "^ok +server +it is pid $D, .*; started again 2 times, the last [0-9.]+ m?s ago"
stop "$supervisor"
doctor 1
says "^ok +server +it is pid $D, "
says "^fail +supervisor +it is pid $supervisor, and stopped — kill -CONT $supervisor"
kill -KILL "$D"
wait_until 5 lib_dead "$D" || fail "it lives"
doctor 1
says "^fail +answer +$M gave no answer"
says "^fail +server +there is none — "
says "^fail +supervisor +it is pid $supervisor, and stopped — kill -CONT $supervisor"
kill -CONT "$supervisor"
lokt_started
doctor 0
lokt_slay
doctor 1
says "^fail +answer +the daemon of $M is gone — start it again, with the options that it had: loktfs $M"
check "gone" fusermount3 -uz "$M"
doctor 1
says "^fail +mount +nothing is mounted at $M.* — .*loktfs"
doctor 1 --mount /proc
says '^fail +mount +/proc is a mount of type proc'
doctor 1 --mount "$T/nowhere"
says "^fail +mount +$T/nowhere: No such file"

# ---- a daemon with few descriptors ----
(ulimit -n 1000 && lokt_start) || fail "no daemon"
lokt_started
doctor 0
says '^warn +descriptors +the daemon may open only 1000'
lokt_stop

# ---- what others may do ----
if [ "$(id -u)" -eq 0 ]; then
	lokt_start allow_other,admins=nogroup
	for gid in "$(getent group nogroup | cut -d: -f3)" 65500; do
		setpriv --reuid=65534 --regid="$gid" --clear-groups "$LOKT" doctor >"$T/out"
		says "^ok +mount .*, for all users$"
		says "^ok +state +$S is the daemon's alone"
		[ "$gid" = 65500 ] || says '^ok +rights .* break and freeze everything: you are an admin'
	done
	says '^ok +rights .* break and freeze what you hold'
	lokt_stop
fi

"$LOKT" doctor extra >"$T/out" 2>&1
same "usage" 64 $?
