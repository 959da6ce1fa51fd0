# shellcheck shell=bash
# Being other users: for the tests that need some, sourced after lib.sh. WHO is UID, UID:GID or
# UID:GID:GROUP,… (supplementary groups); no such user needs to exist.
#
# shellcheck disable=SC2034 # for the scripts

ada=61001 bob=61002 carol=61003 dave=61004

# others_ready: skips unless this test can be them; from here on $TRY is where they can run it.
others_ready() {
	[ "$(id -u)" = 0 ] || skip "being other users needs root"
	need setpriv
	mkdir -p "$T/bin"
	cp "$TRY" "$CROWD" "$T/bin"
	TRY=$T/bin/lokt-try CROWD=$T/bin/lokt-crowd
	as $ada "$TRY" "stat:$T" >/dev/null 2>&1 || skip "cannot become another user here"
}

# others_are WHO: sets lib_as, which makes WHO of the command that follows it.
others_are() {
	local uid gid groups
	IFS=: read -r uid gid groups <<<"$1"
	lib_as=(setpriv --reuid="$uid" --regid="${gid:-$uid}")
	if [ -n "$groups" ]; then
		lib_as+=(--groups="$groups")
	else
		lib_as+=(--clear-groups)
	fi
}

# as WHO COMMAND…: runs it as WHO.
as() {
	local lib_as
	others_are "$1"
	"${lib_as[@]}" "${@:2}"
}

# start_as WHO COMMAND…: in the background; its process id is in `started`.
start_as() {
	local lib_as
	others_are "$1"
	"${lib_as[@]}" "${@:2}" &
	started=$!
}

# hold_as, queue_as, take_as WHO VAR SPEC [FLAGS]: as in lib.sh.
hold_as() {
	local lib_as
	others_are "$1"
	hold "${@:2}"
}
queue_as() {
	local lib_as
	others_are "$1"
	queue "${@:2}"
}
take_as() {
	local lib_as
	others_are "$1"
	take "${@:2}"
}

# expect_as WHO 'VERB RESULT' STEP…: as expect.
expect_as() {
	local got
	got=$(as "$1" "$TRY" "${@:3}" 2>&1 | tail -n 1)
	case $got in
	"$2" | "$2 "*) ;;
	*) fail "wanted '$2' for $1, got '$got'
    from: lokt-try ${*:3}" ;;
	esac
}

# others_mount: skips unless a user who is not root can mount here; from here on as_user COMMAND… runs it as that
# user, whose home is $T/home, and who may mount at $M with the programs in $T/bin.
others_mount() {
	need setpriv fusermount3
	[ "$(id -u)" = 0 ] || skip "being another user needs root"
	user=65534 # fusermount3 wants one that has a name
	as_user true 2>/dev/null || skip "cannot become another user here"
	# Where /dev/fuse is root's alone, as in containers, another one is put over it, for this test alone.
	if ! as_user test -w /dev/fuse; then
		own_mounts
		mknod -m 666 "$T/fuse" c 10 229 && mount --bind "$T/fuse" /dev/fuse
		as_user test -w /dev/fuse || skip "/dev/fuse is root's alone"
	fi
	[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not setuid"
	mkdir "$T/bin" "$T/home"
	cp "$LOKTFS" "$TRY" "$CROWD" "$T/bin"
	chown $user "$T/home" "$M"
	as_user "$T/bin/loktfs" --version >/dev/null || skip "another user cannot run loktfs"
}
as_user() {
	env HOME="$T/home" XDG_STATE_HOME= setpriv --reuid=$user --regid=$user --clear-groups "$@"
}
