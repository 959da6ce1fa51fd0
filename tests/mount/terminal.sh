# shellcheck shell=bash
# A terminal to try programs in: a window of a tmux of our own, whose keys are typed and whose screen
# is read. Sourced after lib.sh; its EXIT trap ends tmux, and with it what runs in the windows.
need tmux

tm() {
	tmux -S "$T/tmux" -f /dev/null "$@"
}

# Also what is stopped, or in a job of its own.
terminal_end() {
	local leaders left
	leaders=$(tm list-panes -a -F '#{pane_pid}' 2>/dev/null | paste -sd ,)
	tm kill-server 2>/dev/null
	left=$(ps -o pid= -s "${leaders:-0}")
	# shellcheck disable=SC2086 # the process ids are words
	[ -z "$left" ] || kill -KILL $left 2>/dev/null
}
trap terminal_end EXIT
tm new-session -d sleep 300 || fail "no tmux"

# shows COLUMNSxROWS COMMAND…: runs the command in a new terminal. Once it has ended, that says there
# how, and whether the modes of the terminal are as they were, or at last came to be.
shows() {
	tm kill-session -t show 2>/dev/null
	# shellcheck disable=SC2016 # for the shell in the terminal
	tm new-session -d -s show -x "${1%x*}" -y "${1#*x}" env LC_ALL=C.UTF-8 TERM=screen-256color \
		timeout --foreground 300 bash -c 'trap : INT QUIT; echo before; was=$(stty -g); "$@"; code=$?
			trap "" INT; what="as it was"
			for ((i = 0; i < 100; i++)); do
				[ "$was" = "$(stty -g)" ] && echo "code $code, $what" && break
				what="at last as it was"; sleep 0.05
			done
			exec sleep 300' bash "${@:2}" || fail "no terminal"
}

# What is on it, with lines that are longer than it is wide in one.
screen() {
	tm capture-pane -p -J -t show | sed 's/ *$//'
}

# press KEY…: as tmux names them.
press() {
	tm send-keys -t show "$@"
}

# on_screen PATTERN: a line of the screen matches. sees, misses PATTERN: will; will no more.
on_screen() {
	screen | grep -Eq -- "$1"
}

sees() {
	wait_until "${2:-10}" on_screen "$1" || fail "no '$1' on the screen:
$(screen)"
}

not_on_screen() {
	! on_screen "$1"
}

misses() {
	wait_until 10 not_on_screen "$1" || fail "'$1' stays on the screen:
$(screen)"
}

# The process of the command: below the shell in the terminal, which timeout runs.
shown_pid() {
	pgrep -P "$(pgrep -P "$(tm display -p -t show '#{pane_pid}')")"
}

# given_back: no other screen, a cursor, the keys and the mouse as they are at first.
given_back() {
	[ "$(tm display -p -t show \
		'#{alternate_on}#{cursor_flag}#{keypad_flag}#{keypad_cursor_flag}#{mouse_any_flag}')" = 01000 ]
}

# ended CODE [HOW]: the command ends with it, and the terminal is as it was.
ended() {
	sees "^code $1, ${2-}as it was" 30
	check "the terminal is given back" wait_until 5 given_back
}
