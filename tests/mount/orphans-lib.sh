# shellcheck shell=bash
# For the tests in which all of Lokt dies while locks are held; sourced after lib.sh.

# again kill|stop|unmount [COMMAND…]: ends the daemon in this way, runs the command, and starts it again.
again() {
	case $1 in
	kill) lokt_kill ;;
	stop) lokt_stop ;;
	unmount) fusermount3 -uz "$M" && kill -TERM "$D" && wait_until 10 lib_dead "$D" ;;
	esac || fail "it does not end by $1"
	"${@:2}"
	lokt_start
}
# kept NAME PID: the hold is there, and known to be had by the process.
kept() {
	same "$1 is kept" "true $2" "$(status "$1" '"\(.holder.orphan) \(.holder.kept_by)"')"
	refute "nobody else gets $1" "$TRY" "open:rw:$L/$1@try"
	happened '.event == "recover" and (.names // [.name] | index($n)) and .token > 0 and
		.detail == "process \($p) still has it"' --arg n "$1" --argjson p "$2" ||
		fail "the log does not say who has $1"
}
# ends NAME: how the holds on it ended, one after the other.
ends() {
	events '(.name == $n or (.names // [] | index($n))) and (.event | IN("release", "auto-prune",
		"stale-break", "force-break"))' --arg n "$1" |
		jq -r '[.event, .reason, .signal] | map(select(. != null)) | join(" ")' | paste -sd,
}
# child VAR SPEC: a process that inherited the lock from one that is gone; it runs until it is killed.
child() {
	local -n lib_child=$1
	lib_child=$(bash -c 'exec 9<>"$1"; sleep 100 >/dev/null 2>&1 3>&- & echo $!' bash "$L/$2")
}
