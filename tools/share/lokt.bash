# shellcheck shell=bash disable=SC2207 # candidates are words
# Completion of lokt(1) and loktfs(8) for bash. Commands, flags and options are those that --help
# lists, names are those that the mount has in use.

# _lokt_help ARG…: the help of the program that is being typed.
_lokt_help() {
	"${COMP_WORDS[0]/#\~/$HOME}" "$@" --help 2>/dev/null
}

# _lokt_names DIR: what DIR of the mount lists; the mount is --mount, LOKT_MOUNT or the first.
_lokt_names() {
	local i mount=${LOKT_MOUNT-}
	for ((i = 1; i < COMP_CWORD - 1; i++)); do
		[[ ${COMP_WORDS[i]} = --mount ]] || continue
		mount=${COMP_WORDS[i + 1]}
		[[ $mount != = ]] || mount=${COMP_WORDS[i + 2]}
	done
	[[ $mount ]] || mount=$(awk '$3 == "fuse.loktfs" { print $2; exit }' /proc/self/mounts)
	timeout 1 ls -- "$(printf %b "${mount/#\~/$HOME}")/$1" 2>/dev/null
}

# _lokt_value KIND CURRENT: candidates for what the help calls KIND.
_lokt_value() {
	local words=
	case $1 in
	DIR) compopt -o filenames 2>/dev/null && COMPREPLY=($(compgen -d -- "$2")) ;;
	FILE) compopt -o filenames 2>/dev/null && COMPREPLY=($(compgen -f -- "$2")) ;;
	NAME) # in a group a+b, the part behind the last +
		COMPREPLY=($(compgen -P "${2%"${2##*+}"}" -W "$(_lokt_names locks)" -- "${2##*+}"))
		;;
	DUR) words='10s 1m 10m 1h' ;;
	WHAT) words='kill term warn' ;;
	MODE) words='lokt nolock broken' ;;
	ORDER) words='scanline hilbert spiral' ;;
	SCENARIO) words='happy freeze crash timeout nolock corrupt all' ;;
	VIEW) words='ledger picture' ;;
	FORMAT) words='claude-md cursorrules windsurfrules copilot clinerules aider' ;;
	esac
	[[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$2"))
}

# _lokt_operand COMMAND CURRENT: what may follow the command that is no flag.
_lokt_operand() {
	case $1 in
	freeze) COMPREPLY=($(compgen -W "$(_lokt_names locks) @all" -- "$2")) ;;
	unfreeze) COMPREPLY=($(compgen -W "$(_lokt_names freezes)" -- "$2")) ;;
	demo) COMPREPLY=($(compgen -W mosaic -- "$2")) ;;
	audit) COMPREPLY=($(compgen -W verify -- "$2")) ;;
	'audit verify') _lokt_value FILE "$2" ;;
	guard | lock | unlock | status | exists | why) _lokt_value NAME "$2" ;;
	esac
}

# _lokt_command: completes the command that `guard NAME --` runs, which begins at word $1.
_lokt_command() {
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		COMPREPLY=($(compgen -c -- "$2"))
	else
		compopt -o default 2>/dev/null
	fi
}

_lokt() {
	local cur=$2 before=$3 command=${COMP_WORDS[1]-} flags kind i
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		flags='--help --version'
		[[ $cur = -* ]] || flags=$(_lokt_help | awk '/^  [a-z]/ { print $1 }')
		COMPREPLY=($(compgen -W "$flags" -- "$cur"))
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -- ]] || { _lokt_command $((i + 1)) "$cur" && return; }
	done
	case $command:${COMP_WORDS[2]-} in
	demo:mosaic | audit:verify) ((COMP_CWORD > 2)) && command+=" ${COMP_WORDS[2]}" ;;
	esac
	if [[ $cur = = ]]; then # --flag=value comes in three words
		cur=
	elif [[ $before = = ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	# shellcheck disable=SC2086 # a command and what follows it
	flags=$(_lokt_help $command | sed -n 's/^  -., /  /; s/^  --/--/p' |
		awk '{ print $1, $2 ~ /^[A-Z]+$/ ? $2 : "" }')
	kind=$(awk -v flag="$before" '$1 == flag { print $2 }' <<<"$flags")
	if [[ $kind ]]; then
		_lokt_value "$kind" "$cur"
	elif [[ $cur = -* ]]; then
		COMPREPLY=($(compgen -W "$(awk '{ print $1 }' <<<"$flags")" -- "$cur"))
	else
		_lokt_operand "$command" "$cur"
	fi
}

# The options of loktfs -o are a list with commas, of which the last is completed.
_loktfs() {
	local cur=${2#=} before=${COMP_LINE:0:COMP_POINT} last options
	COMPREPLY=()
	last=${before##*[[:space:]]} last=${last##*,} # state=/va comes in three words
	if [[ $before =~ [[:space:]]-o[[:space:]]*[^[:space:]]*$ && $last != *=* ]]; then
		options=$(_lokt_help | awk '/^      [a-z_]+[= ]/ {
			for (i = 1; i == 1 || last ~ /,$/; i++) { last = $i; sub(/=.*/, "=", $i); print $i } }')
		compopt -o nospace 2>/dev/null
		COMPREPLY=($(compgen -P "${cur%"${cur##*,}"}" -W "$options" -- "${cur##*,}"))
	elif [[ $cur = -* ]]; then
		options=$(_lokt_help | sed -nE 's/^  (-.),? (--[a-z]+)?.*/\1 \2/p')
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
	elif [[ $last = state=* || $last != *=* ]]; then
		_lokt_value DIR "$cur"
	fi
}

complete -F _lokt lokt
complete -F _loktfs loktfs
