#!/usr/bin/env bash
# The completion of lokt(1) and loktfs(8) in bash, zsh and fish, each run for real: every line is
# typed, a key inserts all candidates, and the shell prints what it has then.
. "$(dirname "$0")/lib.sh" || exit 1

need script zsh fish
share=$lib_tree/tools/share
lokt_start
exec 7>"$L/db" 8>"$L/deploy"
echo 1h >"$M/freezes/cold"
mkdir "$T/dir" "$T/dir/sub"
export LOKT_MOUNT=$M PATH=$LOKT_BUILD:$PATH TERM=dumb HOME=$T INPUTRC=/dev/null
export ZF="$share" OUT=$T/out # for the shells

one_line() {
	sort | paste -sd ' '
}

# What is typed, and what is offered then, in order.
cat >"$T/cases" <<END
lokt |$("$LOKT" --help | awk '/^  [a-z]/ { print $1 }' | one_line)
lokt --|--help --version
lokt unfr|unfreeze
lokt guard |cold db deploy
lokt guard d|db deploy
lokt guard db+|db+cold db+db db+deploy
lokt guard --|$("$LOKT" guard --help | sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' | one_line)
lokt guard --ttl |10m 10s 1h 1m
lokt guard --on-lost |kill term warn
lokt guard --ttl 1s de|deploy
lokt guard x -- mountpoin|mountpoint
lokt guard x -- cat dir/s|dir/sub
lokt status --mount dir |
lokt status --mount $M d|db deploy
lokt status --mount di|dir
lokt freeze |@all cold db deploy
lokt unfreeze |cold
lokt demo |mosaic
lokt demo mosaic --mode |broken lokt nolock
lokt demo mosaic --scenario |all corrupt crash freeze happy nolock timeout
lokt demo mosaic --order |hilbert scanline spiral
lokt demo mosaic --view |ledger picture
lokt demo mosaic --tile-|--tile-delay
loktfs --|--debug --foreground --help --version
loktfs --fore|--foreground
loktfs dir/s|dir/sub
loktfs -o freeze_t|freeze_ttl=
loktfs -o max_|max_freezes= max_holds= max_leases= max_names= max_readers= max_views= max_waiters=
loktfs -o ttl=1s,audit|ttl=1s,audit_max=
loktfs -o ttl=1s,allow_other di|dir
END

# typed KEY PRINT: the lines of the cases as they are typed.
typed() {
	local line
	while IFS='|' read -r line _; do
		printf '%s%b\x01%s \x05 >>$OUT\n' "$line" "$1" "$2"
	done <"$T/cases"
	echo exit
}

in_bash() {
	{ echo ". $share/lokt.bash" && typed '\x1b*' echo; } |
		script -qec 'bash --norc --noprofile -i' /dev/null
}

in_zsh() {
	{
		echo 'fpath=($ZF $fpath); autoload -U compinit; compinit -D -u'
		echo "zstyle ':completion:*' verbose no; zstyle ':completion:all:*' insert true"
		echo "zstyle ':completion:all:*' completer _all_matches _complete"
		echo "zle -C all complete-word _generic; bindkey '^Xa' all"
		typed '\x18a' 'print -r --'
	} | script -qec 'zsh -f -i' /dev/null
}

in_fish() {
	local line
	while IFS='|' read -r line _; do
		echo "${line% *} $(fish -N -c "source $share/lokt.fish; complete -C '$line'" |
			cut -f1 | one_line)"
	done <"$T/cases" >"$OUT"
}

for shell in bash zsh fish; do
	: >"$OUT"
	"in_$shell" >"$T/screen" 2>&1
	same "$shell: answers" "$(wc -l <"$T/cases")" "$(wc -l <"$OUT")"
	while IFS='|' read -r line wanted <&3 && read -r got <&4; do
		# shellcheck disable=SC2086 # words
		set -- ${line% *}
		got=$(tr -s ' ' '\n' <<<"$got" | tail -n +$(($# + 1)) | sed 's|/$||' | one_line)
		[[ $wanted ]] || wanted=${line##* } # nothing to offer
		same "$shell: $line" "$wanted" "$got"
	done 3<"$T/cases" 4<"$OUT"
done
