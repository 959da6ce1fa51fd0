#!/usr/bin/env bash
# lokt demo mosaic, where there is no mount: it starts one of its own, and whatever ends it, no
# process, no mount and no state is left of that.
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

own_mounts
need pgrep setpriv
unset LOKT_MOUNT LOKT_ROOT
ulimit -c 0
umask 022
as=() # what makes somebody else of a demo

# demo DIR FLAG…: paints, fast. What it says is in $T/out, its exit code in `code`.
demo() {
	"${as[@]}" "$LOKT" demo mosaic --dir "$1" --workers 8 --grid 8x4 --tile 4 \
		--tile-delay 5ms --chunk-delay 0 "${@:2}" >"$T/out" 2>&1
	code=$?
}

# painted DIR FLAG…: the same, and it is painted, and nothing is left when it ends.
painted() {
	demo "$@"
	same "$* said: $(<"$T/out")" 0 $code
	grep -q "^VERIFIED  32 tiles" "$T/out" || fail "$* does not say so, but: $(<"$T/out")"
	clear "$1" || fail "left: $(ls "$1")"
}

# refused_with DIR TEXT: it is not begun, this and nothing else is said, in one line, and nothing is left.
refused_with() {
	demo "$1"
	same "refused: $(<"$T/out")" 1 $code
	same "one line: $(<"$T/out")" 1 "$(wc -l <"$T/out")"
	grep -q "^lokt: .*$2" "$T/out" || fail "no '$2' in: $(<"$T/out")"
	same "processes left" "" "$(users "$1")"
}

# start DIR: paints slowly in the background, and says so in $T/started: `run`, its `keeper` and the `daemon` below that.
start() {
	rm -f "$1/mosaic.ledger.jsonl"
	# A shell's background jobs ignore SIGINT and SIGQUIT; the default is wanted here.
	"${as[@]}" env --default-signal=INT,QUIT "$LOKT" demo mosaic --dir "$1" --workers 40 \
		--grid 64x36 --tile 4 --tile-delay 5ms --chunk-size 8 --private >"$T/started" 2>&1 &
	run=$!
	wait_until 20 begun "$1" || fail "it does not begin: $(<"$T/started")"
	keeper=$(pgrep -P $run -x lokt-keeper) || fail "there is no keeper"
	daemon=$(pgrep -P "$keeper" -x loktfs) || fail "there is no loktfs"
}

begun() {
	[ "$(wc -l <"$1/mosaic.ledger.jsonl")" -ge 3 ]
}

# ends CODE: the demo in the background ends, with this exit code.
ends() {
	wait $run 2>/dev/null
	code=$?
	same "its exit code, having said $(<"$T/started")" "$1" $code
}

# supervised_anew: the mount in $T/ended has another supervisor than `daemon`.
supervised_anew() {
	[ "$(jq .daemon.supervisor_pid "$T/ended/mount/status.json")" != "$daemon" ]
}

# users DIR: processes that are in the directory, or have something in it open.
users() {
	find /proc/[0-9]*/cwd /proc/[0-9]*/fd \( -lname "$1" -o -lname "$1/*" \) 2>/dev/null |
		cut -d/ -f3 | sort -u
}

# clear DIR: no process, no mount, no state, no file of messages without any.
clear() {
	[ -z "$(users "$1")" ] && [ ! -e "$1/mount" ] && [ ! -e "$1/mount.state" ] &&
		{ [ ! -e "$1/mount.log" ] || [ -s "$1/mount.log" ]; }
}

# left DIR: fails unless it is clear soon.
left() {
	wait_until 10 clear "$1" || fail "left: $(ls "$1"); $(users "$1" | xargs -r ps -fp)"
}

mounts() {
	grep -c ' - fuse.loktfs ' /proc/self/mountinfo
}

# ---- without a mount ----
painted "$T/alone"
check "it says where" grep -qF "$T/alone/mount" "$T/out"
same "mounts" 0 "$(mounts)"
odd="$T/a b,ttl=1ms,c'd\"e"
painted "$odd"
cd "$odd" || exit 1
painted relative/to,this
cd "$T" || exit 1

# ---- whatever ends it ----
for signal in INT TERM HUP QUIT KILL ABRT; do
	start "$T/ended"
	kill -$signal $run
	ends $((128 + $(kill -l $signal)))
	left "$T/ended"
done
start "$T/ended"
same "descriptors of the keeper" "/dev/null mount.log mount.log mosaic.state.json socket" \
	"$(find /proc/"$keeper"/fd -type l -printf '%f %l\n' | sort -n |
		sed "s|^[0-9]* ||; s|$T/ended/||; s|:.*||" | paste -sd ' ')"
same "its session, and loktfs's" "$keeper $keeper" \
	"$(ps -o sid= -p "$keeper,$daemon" | xargs)"
kill -KILL -- "-$daemon" # with its server
ends 1
check "it says why" grep -q '^lokt: .* gave up' "$T/started"
left "$T/ended"
start "$T/ended"
kill -KILL "$daemon" # its server starts another
wait_until 5 supervised_anew || fail "nobody took its place"
kill -TERM $run
ends 143
left "$T/ended"
start "$T/ended"
kill -KILL "$keeper"
ends 1
left "$T/ended"

# Nobody is left who could tidy up: the next run does.
start "$T/ended"
kill -KILL $run "$keeper"
ends 137
wait_until 10 gone "$daemon" || fail "loktfs goes on without its keeper"
same "mounts" 0 "$(mounts)"
start "$T/ended"
kill -STOP $run "$keeper" # so that neither tidies up between
kill -KILL -- "-$daemon"
kill -KILL "$keeper" $run
ends 137
wait_until 10 gone "$daemon"
same "a dead mount" 1 "$(mounts)"
demo "$T/ended"
same "it is no mount to use" 1 $code
check "said" grep -q "the daemon of the mount at $T/ended/mount is gone" "$T/out"
painted "$T/ended" --private

# ---- beside other mounts ----
start "$T/first"
painted "$T/second"
check "not the first one's, which may end any time" grep -qF "$T/second/mount" "$T/out"
kill -TERM $run
ends 143
left "$T/first"
lokt_start
acquired() {
	count '.event == "acquire"'
}
painted "$T/there"
within "holds on the mount that there is" 32 10000 "$(acquired)"
check "none of its own" [ -z "$(grep -F "$T/there/mount" "$T/out")" ]
before=$(acquired)
painted "$T/there" --private
same "none there with --private" "$before" "$(acquired)"
mkdir "$T/m2" "$T/s2"
"$LOKTFS" -o "state=$T/s2" "$T/m2" || fail "no second mount"
demo "$T/there"
same "two to choose from" 1 $code
check "said" grep -q 'several lokt mounts' "$T/out"
painted "$T/there" --private
painted "$T/there" --mount "$M"
[ "$(acquired)" -gt "$before" ] || fail "--mount is not used"
LOKT_MOUNT=$T/nowhere demo "$T/there"
same "a mount that is none" 1 $code
check "said" grep -q "$T/nowhere is no lokt mount" "$T/out"
fusermount3 -u "$T/m2" || fail "cannot unmount"
lokt_stop

# ---- it cannot start ----
mkdir -p "$T/way" "$T/precious"
echo x >"$T/precious/file"
echo x >"$T/way/mount"
refused_with "$T/way" "$T/way/mount: "
same "not ours" x "$(<"$T/way/mount")"
rm "$T/way/mount"
cp -r "$T/precious" "$T/way/mount"
refused_with "$T/way" "$T/way/mount: Directory not empty"
same "not ours" x "$(<"$T/way/mount/file")"
mount --bind "$T/precious" "$T/way/mount"
refused_with "$T/way" "$T/way/mount: Device or resource busy"
umount "$T/way/mount" || fail "what is mounted there has gone"
rm -r "$T/way/mount"
ln -s "$T/precious" "$T/way/mount.state"
refused_with "$T/way" "$T/way/mount.state: "
rm "$T/way/mount.state"
mkdir "$T/way/mount.state"
mount --bind "$T/precious" "$T/way/mount.state"
refused_with "$T/way" "$T/way/mount.state: Device or resource busy"
umount "$T/way/mount.state"
same "not ours" x "$(<"$T/precious/file")"
echo stale >"$T/way/mount.state/log.00000000000000000000.jsonl"
painted "$T/way"
mount --bind /dev/null /dev/fuse
refused_with "$T/way" "cannot mount at $T/way/mount"
umount /dev/fuse
clear "$T/way" || fail "left: $(ls "$T/way")"

# Where loktfs is looked for.
mkdir "$T/prefix" "$T/prefix/bin" "$T/prefix/sbin"
cp "$LOKT" "$T/prefix/bin"
real=$LOKT
LOKT=$T/prefix/bin/lokt
if [ ! -e /usr/local/sbin/loktfs ] && [ ! -e /usr/sbin/loktfs ]; then
	as=("$(command -v env)" PATH=/nothing/here)
	refused_with "$T/found" "no loktfs "
	clear "$T/found" || fail "left: $(ls "$T/found")"
fi
as=(env "PATH=$PATH:${LOKTFS%/*}")
painted "$T/found"
as=()
cp "$LOKTFS" "$T/prefix/sbin"
painted "$T/found"

# ---- somebody who is not root ----
user=65534 # fusermount3 wants one that has a name
mkdir "$T/home"
chown $user "$T/home"
as=(env "HOME=$T/home" setpriv "--reuid=$user" "--regid=$user" --clear-groups)
if "${as[@]}" "$LOKT" --version >/dev/null 2>&1 && [ -u "$(command -v fusermount3)" ]; then
	# Where /dev/fuse is root's alone, another one is put over it.
	"${as[@]}" test -w /dev/fuse ||
		{ mknod -m 666 "$T/fuse" c 10 229 && mount --bind "$T/fuse" /dev/fuse; }
	if "${as[@]}" test -w /dev/fuse; then
		painted "$T/home/x"
		for victim in run daemon; do
			start "$T/home/x"
			same "loktfs's user" $user "$(stat -c %u "/proc/$daemon")"
			[ $victim = run ] || daemon=-$daemon # with its server
			kill -KILL -- "${!victim}"
			wait $run 2>/dev/null
			left "$T/home/x"
		done
		same "mounts" 0 "$(mounts)"
	fi
fi
LOKT=$real
