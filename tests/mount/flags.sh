#!/usr/bin/env bash
# The command line as such: where flags may stand, help, what is said to mistakes, how the mount is
# found, and that nothing a user wrote steers a terminal.
#
# "It finds the mount by `--mount`, `LOKT_MOUNT`, or the one `fuse.loktfs` mount. Flags may stand before
# or after the name.", "Exit: 0 done · 1 error · … 64 usage"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start
unset LOKT_MOUNT LOKT_OWNER LOKT_AGENT_ID

# code WANTED ARG…: lokt exits with this code; what it says is in $T/said.
code() {
	local want=$1 got
	shift
	"$LOKT" "$@" >"$T/said" 2>&1
	got=$?
	[ "$got" = "$want" ] || fail "wanted exit code $want, got $got: lokt $* said: $(<"$T/said")"
}

# told TEXT: and this is in it.
told() {
	grep -qF -- "$1" "$T/said" || fail "it does not say '$1' but: $(<"$T/said")"
}

# ---- flags stand anywhere: before and behind the command and the name ----
for args in "--mount $M --json status x" "--json --mount=$M status x" "status --mount $M x --json" \
	"--json status x --mount $M" "--mount $M status --json x" "status x --json --mount=$M"; do
	# shellcheck disable=SC2086
	code 0 $args
	same "lokt $args" x "$(jq -r .name "$T/said")"
done
code 0 --mount "$M" audit verify
code 0 --json --mount "$M" audit verify
code 0 audit --json verify --mount "$M"
code 0 --mount "$M" demo mosaic --help
told "usage: lokt demo mosaic"
code 7 --mount "$M" --ttl 30s guard x -- sh -c 'exit 7'
code 7 guard --mount "$M" x --ttl=30s -- sh -c 'exit 7' --mount /nowhere
code 64 guard x --mount "$M" --ttl -- true
told "--ttl needs a value"

# A value that is the name of a command is not guessed at.
code 64 --owner guard guard x -- true
told "is 'guard' the command, or the value of --owner?"
code 0 --mount "$M" --owner=guard guard x -- true

# ---- help ----
export LOKT_MOUNT=$M
code 0 --help
commands=$(sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p' "$T/said")
for command in guard lock unlock status exists why freeze unfreeze audit demo; do
	grep -qx "$command" <<<"$commands" || fail "$command is not in lokt --help"
done
for command in $commands; do
	for how in "$command --help" "$command -h" "-h $command" "help $command"; do
		# shellcheck disable=SC2086
		code 0 $how
		told "usage: lokt $command"
	done
done
for how in "" "--json" "-x" "--mount $M" "help nothing"; do
	# shellcheck disable=SC2086
	code 64 $how
done
code 64 deploy
told "there is no command 'deploy'; to run something under that lock: lokt guard deploy -- COMMAND"
code 64 deploy status
told "the command comes first: lokt status deploy"
code 64 status x --nothing
told "there is no flag '--nothing' (see lokt status --help)"
code 64 status -j x

# ---- values ----
for ttl in 30d 1w -1 '' 5parsecs 31536000 1m1h; do
	code 64 freeze x --ttl "$ttl"
	told "takes a duration"
done
code 64 freeze x --ttl 30d
told "a day is 24h"
code 64 guard x true
told "put -- before the command: x -- true"
for name in a/b .a "a b" 'a@ttl=1s' "$(printf 'a%.0s' {1..129})" ä ''; do
	for command in status exists why lock unlock freeze unfreeze "audit --name"; do
		# shellcheck disable=SC2086
		code 64 $command "$name"
		told "is not a name"
	done
	code 64 guard "$name" -- true
	told "is not a name"
done
code 64 status -- -a
told "is not a name"
code 64 status a+b
told "this takes one name"
code 64 guard a+b+a -- true
told "the same name twice"
code 1 guard "$(printf 'a%.0s' {1..127})+$(printf 'b%.0s' {1..128})" -- true
told "too long"

# ---- what cannot be printed ----
for command in status "status x" "status --json" "exists x --json" "why x" audit "audit verify"; do
	# shellcheck disable=SC2086
	"$LOKT" $command 2>"$T/said" >/dev/full
	same "lokt $command on a full disk" 1 $?
	told "standard output: No space left on device"
done

# ---- finding the mount ----
code 1 status --mount "$T"
told "$T is no lokt mount; start one with: loktfs $T"
code 1 status --mount "$T/nothing"
LOKT_MOUNT=$T code 0 status --mount "$M/"
LOKT_MOUNT=$T code 1 status
(cd "$T" && "$LOKT" --mount m status >"$T/said") || fail "not by a relative path"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	install -m 755 "$LOKT" "$T/lokt" # the build may be where another user cannot go
	other() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$T/lokt" "$@" >"$T/said" 2>&1
	}
	if other --version; then
		other status
		same "not open to others" 1 $?
		told "the mount at $M is not open to you"
	fi
fi

# ---- the daemon is gone ----
hold holder x
lokt_slay
for command in status "status x" "exists x" "why x" "lock x" "unlock x" "freeze x" "unfreeze x" \
	audit "audit verify" "guard x -- true"; do
	# shellcheck disable=SC2086
	code 1 $command
	told "the daemon of the mount at $M is gone; start it again, with the options that it had: loktfs $M"
done
die KILL "$holder"
check "cleared" fusermount3 -uz "$M"

# ---- what others wrote is shown, not obeyed ----
# A directory with the files of a mount stands in for one that others could fill with anything.
mkdir -p "$T/fake/status" "$T/fake/locks"
export LOKT_MOUNT=$T/fake
evil='\u001b[2J\u0007\u009b1mada\u007f\n'
freeze='{"name":"@all","owner":"'$evil'","remaining_ms":5000}'
holder='{"owner":"'$evil'","uid":0,"pid":1,"host":"'$evil'","kind":"'$evil'","mode":"'$evil'",
	"token":1,"acquired_ts":"'$evil'","expires_at":"'$evil'","names":["'$evil'","b"],"age_ms":1}'
one='"name":"'$evil'","state":"'$evil'","holder":'$holder',"holders":['$holder'],
	"waiters":['$holder'],"freeze":'$freeze
echo "{$one}" >"$T/fake/status/x.json"
echo '{"locks":[{'"$one"'}],"freezes":['"$freeze"']}' >"$T/fake/status.json"
echo '{"ts":"'"$evil"'","event":"deny","name":"x","owner":"'"$evil"'","reason":"'"$evil"'",
	"detail":"'"$evil"'","cycle":[{"pid":1,"name":"'"$evil"'"}]}' | tr -d '\n\t' \
	>"$T/fake/audit.jsonl"
echo >>"$T/fake/audit.jsonl"
control=$'[\001-\010\013-\037\177]|\302[\200-\237]' # all but tab and newline
for command in status "status x" "why x" audit "lock x" "unlock x" "unlock x --force" \
	"guard x --try -- true" "audit verify"; do
	# shellcheck disable=SC2086
	"$LOKT" $command >"$T/said" 2>&1
	grep -qE "$control" "$T/said" && fail "lokt $command: $(cat -v "$T/said")"
	[ -s "$T/said" ] || fail "lokt $command says nothing"
done
check "it was there to be shown" grep -q 'ada' <("$LOKT" why x)
for arg in $'\033[2J' $'\033]0;x\a' $'a\nb' $'\302\233m' $'\377'; do
	for command in status guard freeze "status --mount" "status --frob" "freeze x --ttl" audit \
		"lock x --owner" "audit --since" ""; do
		# shellcheck disable=SC2086
		"$LOKT" $command "$arg" >"$T/said" 2>&1
		grep -qE "$control" "$T/said" && fail "lokt $command: $(cat -v "$T/said")"
		same "lokt $command: one line" 1 "$(wc -l <"$T/said")"
	done
done
exit 0
