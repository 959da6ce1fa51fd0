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
