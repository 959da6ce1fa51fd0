#!/usr/bin/env bash
# The systemd unit: that systemd understands it, and that the daemon can work inside its fences. No
# systemd runs here, so its command is run with its capabilities, and strace(1) sees what it calls.
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/installed.sh"

need systemd-analyze strace setpriv
unit=$prefix/lib/systemd/system/loktfs@.service

same "what systemd-analyze says of it" "" "$(systemd-analyze verify --man=no "$unit" 2>&1)"
sed 's/^Type=/Tipe=/' "$unit" >"$T/loktfs@.service"
[ -n "$(systemd-analyze verify --man=no "$T/loktfs@.service" 2>&1)" ] || fail "it would say nothing"

# of KEY: its value in the unit.
of() {
	sed -n "s/^$1=//p" "$unit"
}

same "Type" forking "$(of Type)"
same "GuessMainPID" no "$(of GuessMainPID)"
same "OOMPolicy" continue "$(of OOMPolicy)"
# Without a main process, a service of which nothing is left has exited cleanly (systemd.service(5), table 2).
same "Restart" always "$(of Restart)"
# What systemd.exec(5) does by a mount namespace of the service's own: the mount would be there alone.
same "no mount namespace" "" "$(grep -E "^($(paste -sd '|' <<'END'
Private(Tmp|Devices|Mounts|Users|IPC|Network)
Protect(System|Home|Proc|KernelTunables|KernelModules|KernelLogs|ControlGroups)
(ReadOnly|ReadWrite|Inaccessible|Exec|NoExec|Bind|BindReadOnly)Paths|TemporaryFileSystem
Root(Directory|Image)|DynamicUser|MountFlags|MountAPIVFS|ProcSubset|LogNamespace
END
))=" "$unit")"

# The names of all system calls that the filter lets through.
allowed() {
	systemd-analyze syscall-filter | awk -v sets="$(of SystemCallFilter)" '
		/^@/ { set = $1 }
		/^ +[@a-z]/ { members[set] = members[set] " " $1 }
		function print_all(list,    i, n, names) {
			n = split(list, names)
			for (i = 1; i <= n; i++)
				if (names[i] ~ /^@/) print_all(members[names[i]])
				else print names[i]
		}
		END { print_all(sets) }' | sort -u
}

of ExecStart | sed "s|%f|$M|; s|%S/lokt/%i|$S|
	s|\$OPTIONS|-o deadlock_timeout=200ms|" >"$T/command"
grep -q "^$prefix/sbin/loktfs -o " "$T/command" || fail "ExecStart: $(cat "$T/command")"
fences=-all$(of CapabilityBoundingSet | tr 'A-Z ' 'a-z\n' | sed 's/^cap_/,+/' | tr -d '\n')
# shellcheck disable=SC2046 # words
ASAN_OPTIONS=detect_leaks=0 setpriv --no-new-privs --bounding-set "$fences" --inh-caps "$fences" \
	strace -f -qq -o "$T/calls" $(<"$T/command") </dev/null >"$T/daemon.log" 2>&1 &
wait_until 20 test -e "$M/status.json" || fail "does not serve: $(cat "$T/daemon.log")"
lokt_started
same "its capabilities" "$(of CapabilityBoundingSet | wc -w)" \
	"$(grep CapEff "/proc/$D/status" | cut -f2 | sed 's/./\n&/g' | grep -c '[1248]')"

# Another user's processes: two that wait for each other, one that is killed, one that is broken.
as_user() {
	exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
mkdir "$T/bin" && cp "$TRY" "$T/bin"
as_user "$T/bin/lokt-try" "open:rw:$L/a" pause "open:rw:$L/b@timeout=20s" >"$T/one" 2>&1 &
one=$!
as_user "$T/bin/lokt-try" "open:rw:$L/b" pause "open:rw:$L/a@timeout=20s" >"$T/two" &
two=$!
for name in a b; do
	wait_until 10 state_is $name held || fail "another user gets no lock"
done
kill -USR1 $one $two
wait_until 30 grep -q EDEADLK "$T/one" "$T/two" ||
	fail "it sees no deadlock: $(cat "$T/one" "$T/two")"
wait $one $two
as_user "$T/bin/lokt-try" "open:rw:$L/x" sleep:60000 >"$T/holds" &
wait_until 10 state_is x held || fail "another user gets no lock"
die KILL $!
wait_until 10 happened '.name == "x" and .reason == "killed" and .owner == "nobody"' ||
	fail "who died? $(events '.name == "x"')"
as_user "$T/bin/lokt-try" "open:rw:$L/x" sleep:60000 >"$T/holds" &
wait_until 10 state_is x held || fail "not again"
check "break" rm "$L/x@token=$(status x .holder.token)"
die KILL $!
check "lease" bash -c 'echo 1h >"$1"' bash "$M/leases/l"
check "freeze" bash -c 'echo 1h >"$1"' bash "$M/freezes/f"
check "metrics" grep -q lokt_grants_total "$M/metrics"

# ExecStop=, while somebody holds a lock: it cannot unmount, and SIGTERM comes after it.
hold holder busy
stop=$(of ExecStop | sed "s|^-||; s|%f|$M|")
# shellcheck disable=SC2086 # words
refute "umount of a mount in use" $stop
lokt_stop
die KILL "$holder"
[ -s "$T/calls" ] || fail "strace saw nothing"
sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' "$T/calls" | sort -u >"$T/called"
same "calls that the filter refuses" "" "$(comm -23 "$T/called" <(allowed))"
