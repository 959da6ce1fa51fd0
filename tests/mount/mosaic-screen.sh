#!/usr/bin/env bash
# lokt demo mosaic on a terminal: what it draws, what the keys do, and that the terminal is as it was
# whatever ends it.
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1
. "${lib_self%/*}/terminal.sh" || exit 1
. "${lib_self%/*}/painters.sh" || exit 1
infocmp xterm-direct >"$T/out" 2>&1 || skip "no terminal entries with direct colours here"

lokt_start
count=0

# paint COLUMNSxROWS [VARIABLE=VALUE…] [-- FLAG…]: a mosaic that takes long, in $T/$name under a lock
# of that name, in a new terminal that has direct colours.
paint() {
	local size=$1 words=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	count=$((count + 1))
	name=m$count
	shows "$size" env -u NO_COLOR COLORTERM=truecolor "${words[@]}" "$LOKT" demo mosaic --mount "$M" \
		--dir "$T/$name" --name $name --grid 32x32 --workers 4 --tile 4 --tile-delay 50ms \
		--chunk-size 8 --chunk-delay 40ms "${@:2}"
}

# done_now: the tiles that the screen says are done.
done_now() {
	screen | grep -Eo '[0-9]+/[0-9]+' | head -n 1 | cut -d/ -f1
}

# colours PATTERN: how many sequences on the screen are for such colours.
colours() {
	tm capture-pane -e -p -t show | grep -Eo $'\033\\[[0-9;:]*m' | grep -Ec -- "$1"
}

has_colours() {
	[ "$(colours "$1")" -gt 0 ]
}

# The process that draws.
renderer() {
	pgrep -P "$(shown_pid)" -x lokt-renderer
}

more_than() {
	[ "$(done_now)" -gt "$1" ]
}

# ---- the picture and its figures, at the size of a terminal of old ----
paint 80x24 -- --order hilbert
sees 'm1 +32x32 hilbert'
sees '[1-9][0-9]*/1024 +[0-9]+ %'
sees "holder +$(id -un)  pid [0-9]+ +(expires )?[012]\\.[0-9] s"
sees 'frozen +no'
sees 'chain +whole, [1-9][0-9]* lines'
sees 'rate 1 s +[0-9.]+ /s'
sees 'workers +4'
sees '[0-9:]{8}  renew 2 s'
wait_until 10 has_colours '48;2;(230;46;[0-9]+|46;[0-9]+;230|[0-9]+;230;46)m' ||
	fail "no colours of tiles: $(tm capture-pane -e -p -t show)"

# ---- keys ----
press '?'
sees 'any key closes this'
sees 'kill the worker that holds the lock'
press x
misses 'any key closes this'
press v
sees ' mosaic.ppm '
press v
misses ' mosaic.ppm '
press p
sees '^ *PAUSED '
before=$(done_now)
wait_until 10 begun m1 $((before + 3)) || fail "the work stops too"
same "drawing is paused" "$before" "$(done_now)"
press p
misses PAUSED
check "and goes on" wait_until 10 more_than "$before"
press k
sees 'killed +1'
sees 'auto-prune killed'
press f
sees 'FROZEN [0-9]+\.[0-9] s'
sees "frozen +yes by $(id -un)"
sees 'deny frozen'
check "in the audit" happened '.event == "freeze" and .name == "m1"'
before=$(done_now)
press u
misses FROZEN
check "it goes on" wait_until 10 more_than "$before"

# ---- any size ----
for size in 200x50 20x5 3x2 1x1 300x10 100x30; do
	tm resize-window -t show -x "${size%x*}" -y "${size#*x}"
	[ "${size%x*}" -lt 20 ] || sees '[0-9] %'
done
sees 'q quit'
same "one picture" 1 "$(screen | grep -c 'm1 .*hilbert')"
press q
ended 130
sees 'tiles by 4 workers'
sees stopped
left m1
check "it was drawn" jq -e -s '[.[].frames] | max > 10' "$T/m1/mosaic.stats.jsonl"

# ---- as many colours as there are ----
declare -A sequence=([direct]='48;2;' [many]='48;5;' [few]='\[4[1-6]m')
while read -r words; do
	# shellcheck disable=SC2086 # they are words
	paint 100x24 ${words%%:*}
	sees 'chain +whole, [1-9]'
	for kind in direct many few; do
		if [ $kind = "${words##*: }" ]; then
			wait_until 10 has_colours "${sequence[$kind]}" || fail "$words: no $kind colours"
		else
			refute "$words: not $kind" has_colours "${sequence[$kind]}"
		fi
	done
	[ "${words##*: }" != none ] || sees '[#+]\.\.'
	press q
	ended 130
	left $name
done <<-END
	TERM=screen-256color COLORTERM=24bit: direct
	TERM=xterm-direct COLORTERM=: direct
	TERM=screen-256color COLORTERM=: many
	TERM=linux COLORTERM=: few
	TERM=vt100 COLORTERM=: none
	NO_COLOR=1: none
END

# ---- a picture larger than the terminal, and a locale without half blocks ----
paint 60x20 -- --grid 100x60 --chunk-delay 5ms
sees '/6000 '
wait_until 10 has_colours '38;2;' || fail "no half blocks"
sees '▀▀▀▀'
press q
ended 130
paint 60x20 LC_ALL=C -- --grid 100x60 --chunk-delay 5ms
sees '/6000 '
refute "half blocks" on_screen '▀'
press q
ended 130

# ---- what breaks is seen ----
paint 100x30 -- --mode nolock --tile-delay 10ms --chunk-delay 5ms --workers 8 --grid 200x100
sees BROKEN
sees '[0-9]+ twice, [1-9][0-9]* out of chain'
sees 'first at tile [0-9]+'
sees '╳'
refute "no lock to freeze" on_screen 'f freeze'
press v
misses '╳'
press q
ended 130

# ---- whatever ends it ----
for signal in INT QUIT; do
	paint 80x24
	sees 'chain +whole, [1-9]'
	press "C-$([ $signal = INT ] && echo c || echo '\')"
	ended $((128 + $(kill -l $signal)))
	left $name
done

# The renderer dies: the work goes on, in lines.
for signal in KILL TERM SEGV; do
	paint 80x24
	sees 'chain +whole, [1-9]'
	kill -$signal "$(renderer)"
	sees 'lokt: the drawing ended'
	check "given back" wait_until 5 given_back
	sees '^[0-9]+/1024 tiles '
	press C-c
	ended 130
	left $name
done

# The coordinator dies: the renderer gives the terminal back.
paint 80x24
sees 'chain +whole, [1-9]'
kill -KILL "$(shown_pid)"
ended 137 '(at last )?'
left $name

# ---- stopped, and on again, under a shell that has jobs ----
shows 80x24 env PS1='sh> ' COLORTERM=truecolor bash --norc --noprofile -i
sees '^sh>'
for end in fg 'kill %1'; do
	name=job${#end}
	press "clear; $LOKT demo mosaic --mount $M --dir $T/$name --name $name --grid 32x32 --workers 4 --tile 4 \
		--tile-delay 50ms --chunk-size 8 --chunk-delay 40ms" Enter
	sees 'chain +whole, [1-9]'
	press C-z
	sees 'Stopped'
	check "given back" wait_until 5 given_back
	press 'stty -a | grep -o " echo "' Enter
	sees '^ ?echo ?$'
	press "$end" Enter
	if [ "$end" = fg ]; then
		sees 'chain +whole, [1-9]'
		misses '^sh>'
		before=$(done_now)
		check "it goes on" wait_until 10 more_than "$before"
		press C-c
	fi
	left "$name"
	check "given back" wait_until 5 given_back
done
press 'exit 7' Enter
sees 'code 7,'

# ---- without keys ----
# shellcheck disable=SC2016 # for the shell in the terminal
shows 80x24 sh -c '"$@" </dev/null' sh "$LOKT" demo mosaic --mount "$M" --dir "$T/deaf" --name deaf \
	--grid 32x32 --workers 4 --tile 4 --tile-delay 50ms --chunk-size 8 --chunk-delay 40ms
sees 'chain +whole, [1-9]'
refute "no keys" on_screen 'q quit'
press q
press C-c
ended 130
left deaf
