#!/usr/bin/env bash
# lokt prime: what it tells a coding agent is true.
#
# "`prime` (the paragraph that teaches a coding agent to use the mount: `--format
# claude-md|cursorrules|windsurfrules|copilot|clinerules|aider`)"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

# lokt looks at every mount there is: at those of other tests too, which may stand still.
[ "$(id -u)" != 0 ] || own_mounts
lokt_start
mkdir "$T/bin" "$T/work"
ln -s "$LOKT" "$T/bin/lokt"
ln -s "$M" "$T/a mount"
PATH=$T/bin:$PATH
unset LOKT_MOUNT LOKT_OWNER LOKT_AGENT_ID
prime() {
	lokt prime --mount "$M" "$@"
}

# block: the commands in what is piped in.
block() {
	# shellcheck disable=SC2016 # the fence
	sed -n '/^```sh$/,/^```$/{/^```/d;p}'
}

# ---- the forms ----
prime >"$T/plain" || fail "nothing"
same "the default" "$(<"$T/plain")" "$(prime --format claude-md)"
same "one block of commands" 2 "$(grep -c '^```' "$T/plain")"
for format in claude-md cursorrules windsurfrules copilot clinerules aider; do
	prime --format $format >"$T/$format" || fail "no $format"
	check "$format is in the help" grep -q "^  $format " <(lokt prime --help)
	same "$format tells the same" "$(sed 1d "$T/plain")" "$(sed '0,/^#/d' "$T/$format")"
done
for format in claude-md copilot aider; do
	same "$format goes into a file that has its own title" "## Locks" "$(head -n 1 "$T/$format")"
done
same "clinerules is a file" "# Locks" "$(head -n 1 "$T/clinerules")"
same "cursorrules has its front matter" "--- alwaysApply: true --- # Locks" \
	"$(sed -n '1p;/^alwaysApply/p;5,${/^---/p;/^#/p}' "$T/cursorrules" | xargs)"
same "windsurfrules too" "--- trigger: always_on --- # Locks" "$(sed '/^#/q' "$T/windsurfrules" | xargs)"
check "short enough for every tool" [ "$(wc -c <"$T/plain")" -lt 6000 ]

# ---- where the mount is ----
check "the one that is meant" grep -q "LOKT_MOUNT=$M$" "$T/plain"
check "by the variable" grep -q "LOKT_MOUNT=/some/where$" <(LOKT_MOUNT=/some/where lokt prime)
check "from wherever one works" grep -q "LOKT_MOUNT=$T/m$" <(lokt prime --mount m)
check "by what is mounted, or where it usually is" grep -Eq "LOKT_MOUNT=/" <(lokt prime 2>/dev/null)

# ---- every command works, in the order of the text ----
cd "$T/work" || exit 1
cat >deploy.sh <<-'END'
	#!/bin/sh
	echo "$LOKT_TOKEN" >>tokens
END
chmod +x deploy.sh
check "six commands" [ "$(block <"$T/plain" | wc -l)" -eq 6 ]
for form in plain cursorrules; do
	block <"$T/$form" >commands
	bash -eu commands >said 2>&1 || fail "the commands of $form: $(<said)"
done
lokt prime --mount "$T/a mount" | block >commands
bash -eu commands >said 2>&1 || fail "with a blank in the mount's name: $(<said)"
same "the guarded one ran under the lock each time" 3 "$(wc -l <tokens)"
same "by their label" agent-1 "$(events '.name == "checkout"' -r | jq -r .owner | sort -u)"
same "holds and leases" "3 3" "$(count '.event == "acquire" and .kind == "open"') $(
	count '.event == "acquire" and .kind == "lease"')"
check "all given back" state_is checkout free
for command in $(grep -o '`lokt [a-z]*' "$T/plain" | cut -d' ' -f2 | sort -u); do
	check "lokt $command is a command" lokt "$command" --help
done
check "two at once" lokt guard --mount "$M" a+b -- true

# ---- the errors mean what it says ----
export LOKT_MOUNT=$M LOKT_AGENT_ID=agent-1
renew=$(grep '^echo' commands)
ends() {
	local code
	"${@:2}" >said 2>&1
	code=$?
	same "${*:2}, which says: $(<said)" "$1" $code
}
ends 3 lokt unlock checkout
refute "nothing to renew" bash -c "$renew"
check "says so" grep -q 'No such file' <(bash -c "$renew" 2>&1)
check "taken" lokt lock checkout --ttl 1m
check "renewed" bash -c "$renew"
same "for so long" 600000 "$(status checkout .holder.ttl_ms)"
check "given back" lokt unlock checkout
check "another agent" env LOKT_AGENT_ID=agent-2 lokt lock checkout --ttl 1m
ends 2 lokt why checkout
ends 2 lokt lock checkout --ttl 1m
check "names it" grep -q agent-2 said
ends 2 lokt guard checkout --timeout 100ms -- ./deploy.sh
ends 4 lokt unlock checkout
check "says so" grep -q 'Operation not permitted' <(bash -c "$renew" 2>&1)
check "given back" env LOKT_AGENT_ID=agent-2 lokt unlock checkout
check "frozen" lokt freeze checkout --ttl 1m
ends 2 lokt lock checkout --ttl 1m

# ---- refusals ----
ends 64 lokt prime --format nothing
ends 64 lokt prime extra
lokt_stop
