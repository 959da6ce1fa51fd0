# Completion of lokt(1) and loktfs(8) for fish. Commands, flags and options are those that --help
# lists, names are those that the mount has in use.

# What DIR of the mount lists; the mount is --mount, LOKT_MOUNT or the first.
function __lokt_names --argument-names dir
	set -l words (commandline -opc)
	set -l at (contains -i -- --mount $words)
	set -l mount $LOKT_MOUNT
	if set -q at[1]
		set mount $words[(math $at + 1)]
	else if test -z "$mount"
		set mount (string unescape -- (awk '$3 == "fuse.loktfs" { print $2; exit }' /proc/self/mounts))
	end
	set -l head (string match -r '.*\+' -- (commandline -ct)) # of a group a+b
	printf "$head%s\n" (timeout 1 ls -- $mount/$dir 2>/dev/null)
end

# Candidates for what the help calls KIND.
function __lokt_value --argument-names kind
	switch $kind
		case DIR
			__fish_complete_directories (commandline -ct)
		case FILE
			__fish_complete_path (commandline -ct)
		case NAME
			__lokt_names locks
		case DUR
			string split ' ' '10s 1m 10m 1h'
		case WHAT
			string split ' ' 'kill term warn'
		case MODE
			string split ' ' 'lokt nolock broken'
		case ORDER
			string split ' ' 'scanline hilbert spiral'
		case SCENARIO
			string split ' ' 'happy freeze crash timeout nolock corrupt all'
		case VIEW
			string split ' ' 'ledger picture'
		case FORMAT
			string split ' ' 'claude-md cursorrules windsurfrules copilot clinerules aider'
	end
end

# What may follow the command that is no flag.
function __lokt_operand --argument-names command
	switch $command
		case freeze
			__lokt_names locks
			echo @all
		case unfreeze
			__lokt_names freezes
		case demo
			echo mosaic
		case audit
			echo verify
		case 'audit verify'
			__lokt_value FILE
		case guard lock unlock status exists why
			__lokt_names locks
	end
end

# Everything behind `lokt`.
function __lokt_candidates
	set -l words (commandline -opc)
	set -l command $words[2]
	if not set -q words[2]
		$words[1] --help | string replace -rf '^  ([a-z]+) +' '$1\t'
		return
	end
	if contains "$words[2..3]" 'demo mosaic' 'audit verify'
		set command $words[2..3]
	end
	set -l flags ($words[1] $command --help 2>/dev/null | string replace -rf -- '^  (-., )?--' --)
	set -l kind (string replace -rf "^$words[-1] ([A-Z]+) .*" '$1' -- $flags)
	if set -q kind[1]
		__lokt_value $kind
	else if string match -q -- '-*' (commandline -ct)
		string replace -r '^(--[a-z-]+)(?: [A-Z]+)? +' '$1\t' -- $flags
	else
		__lokt_operand "$command"
	end
end

# The options of loktfs -o.
function __loktfs_options
	loktfs --help | awk '/^      [a-z_]+[= ]/ {
		help = $0
		sub(/.*  /, "", help)
		for (i = 1; i == 1 || last ~ /,$/; i++) { last = $i; sub(/=.*/, "=", $i); print $i "\t" help }
	}'
end

complete -c lokt -n __fish_use_subcommand -l help -d 'print help'
complete -c lokt -n __fish_use_subcommand -l version -d 'print the version'
complete -c lokt -f -n 'not contains -- -- (commandline -opc)' -a '(__lokt_candidates)'
complete -c lokt -f -n 'contains -- -- (commandline -opc)' \
	-a '(__fish_complete_subcommand --fcs-skip=(contains -i -- -- (commandline -opc)))'

complete -c loktfs -f -a '(__fish_complete_directories (commandline -ct))'
complete -c loktfs -s f -l foreground -d 'stay in the foreground'
complete -c loktfs -s d -l debug -d 'the same, and print every request'
complete -c loktfs -s h -l help -d 'print help'
complete -c loktfs -s V -l version -d 'print the version'
complete -c loktfs -s o -x -d 'mount options' -a '(__fish_append , (__loktfs_options))'
