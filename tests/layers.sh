#!/usr/bin/env bash
# The layers: what each may include, and what the engine may call.
#
#	layers.sh TREE CORE-ARCHIVE
#
# core/   itself, downwards only; the C library's string and integer headers; libcrypto for the chain
# fs/     core/, libfuse, POSIX; only the few files that speak FUSE include its header
# tools/, examples/   none of these: they use the mount (`lokt audit verify` may link the chain check)
# tests/  core/, and the mount; fuzz/ and sim/ the daemon too
#
# No I/O, clock, threads, globals of the process, errno or fuse in core/. The rules are tried on a
# tree that breaks each of them first: a check that finds nothing there finds nothing anywhere.
# Exit: 0 all layers hold · 1 one does not, with a line for each breach · 77 no nm(1).
set -u
export LC_ALL=C

# What the engine may take from outside itself: memory, strings, numbers as text, SHA-256, and what
# compilers and sanitizers add.
calls='malloc|calloc|realloc|free|qsort|bsearch|strto(l|ll|ul|ull|imax|umax)
mem(chr|cmp|cpy|move|set|mem|rchr|pcpy)|bcmp|st(r|p)n?cpy|str(n?len|n?cmp|n?casecmp|r?chr|str|spn|cspn|sep)
strpbrk|v?snprintf|is[a-z]+|to(lower|upper)|__ctype_[a-z_]+|__isoc23_strto[a-z]+
EVP_(MD_CTX_(new|free|reset|copy_ex)|Digest(Init|Init_ex|Init_ex2|Update|Final|Final_ex)?|sha256)
EVP_(Q_digest|MD_fetch|MD_free)|SHA256(_Init|_Update|_Final)?
__assert_fail|abort|__[a-z]+_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_
__(a|u|m|l|t)san_.*|__ubsan_.*|__sanitizer_.*|__gcov_.*|__llvm_profile_.*|__start_.*|__stop_.*'
headers='string|strings|stdint|stdbool|stddef|stdarg|inttypes|limits|stdlib|stdio|ctype|assert'
headers="$headers|stdalign|stdatomic|endian|openssl/(evp|sha)"

# undefined ARCHIVE: what it calls and does not have itself.
undefined() {
	comm -23 <(nm -u "$1" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u) \
		<(nm --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
}

check_calls() {
	undefined "$1" | grep -vxE "$(paste -sd '|' <<<"$calls")" | sed 's/^/core calls /'
}

# includes TREE FOLDER: "file what" for each #include below the folder, with <> or "" kept.
includes() {
	(cd "$1" && find "$2" -name '*.[ch]' -exec grep -HE '^[[:space:]]*#[[:space:]]*include' {} + 2>/dev/null) |
		sed -E 's/^([^:]*):[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]*[>"]).*/\1 \2/'
}

# own TREE FILE NAME FOLDER: a quoted name that is beside the file, or in its layer's folder.
own() {
	case $3 in
	*..*) return 1 ;;
	esac
	[ -e "$1/${2%/*}/$3" ] || [ -e "$1/$4/$3" ] || { [ "${3%%/*}" = "$4" ] && [ -e "$1/$3" ]; }
}

check_includes() {
	local tree=$1 layer file what name
	for layer in core fs tools examples tests; do
		[ -d "$tree/$layer" ] || continue
		while read -r file what; do
			name=${what:1:${#what}-2}
			case $layer:$what in
			core:\<*) [[ $name =~ ^($headers)(\.h)$ ]] && continue ;;
			fs:\<curses* | fs:\<ncurses* | fs:\<cjson* | fs:\<openssl*) ;;
			tools:\<fuse* | examples:\<fuse*) ;;
			tests:\<fuse*) [[ $file = tests/@(speed|fuzz|sim)/* ]] && continue ;; # the benchmark's floor, and below
			*:\<*) continue ;;
			core:* | examples:*) own "$tree" "$file" "$name" "$layer" && continue ;;
			fs:*) [[ $name = core/* ]] || own "$tree" "$file" "$name" fs && continue ;;
			tools:*)
				own "$tree" "$file" "$name" tools && continue
				[[ $file = *verify* && $name = core/chain.h ]] && continue
				;;
			tests:*)
				[[ $file = tests/@(fuzz|sim)/* && $name = fs/* ]] && continue # the daemon, without a kernel
				[[ $name = core/* ]] || own "$tree" "$file" "$name" tests && continue
				;;
			esac
			echo "$file includes $what"
		done < <(includes "$tree" "$layer")
	done
}

# Only a few files of fs/ speak FUSE; a header of core/ includes only what lies below it.
check_shape() {
	local speak
	speak=$(includes "$1" fs | grep '<fuse' | cut -d' ' -f1 | sort -u)
	[ "$(wc -w <<<"$speak")" -le 6 ] || echo "too many files speak FUSE: ${speak//$'\n'/ }"
	includes "$1" core | sed -nE 's/^core\/([^ ]*\.h) "([^"]*)"$/\1 \2/p' | tsort 2>&1 >/dev/null |
		grep -q loop && echo "the headers of core/ include each other in a circle"
}

check_all() {
	check_calls "$2"
	check_includes "$1"
	check_shape "$1"
}

# A tree with every breach there is.
break_all() {
	local i
	mkdir -p "$1"/{core,fs,tools,tests,examples}
	printf '#include <unistd.h>\n#include "b.h"\n#include "../fs/f.h"\n' >"$1/core/a.h"
	printf '#include "a.h"\n#include <errno.h>\n' >"$1/core/b.h"
	printf '#include <openssl/evp.h>\n#include "tools/t.h"\n' >"$1/fs/f.h"
	printf '#include <fuse.h>\n#include "core/a.h"\n  #  include "fs/f.h"\n' >"$1/tools/t.h"
	printf '#include <fuse_lowlevel.h>\n#include "core/chain.h"\n' >"$1/examples/e.c"
	printf '#include "fs/f.h"\n#include <fuse.h>\n' >"$1/tests/x.c"
	for i in 1 2 3 4 5 6 7; do
		echo '#include <fuse_lowlevel.h>' >"$1/fs/speaker$i.c"
	done
	printf 'int open(const char *, int, ...); int *__errno_location(void);
		int f(void) { return open("x", 0) + *__errno_location(); }\n' >"$1/calls.c"
	"${CC:-cc}" -c "$1/calls.c" -o "$1/calls.o" && ar rc "$1/calls.a" "$1/calls.o"
}

command -v nm >/dev/null || exit 77
if [ ! -s "$2" ] || [ ! -d "$1/core" ]; then
	echo "usage: layers.sh TREE CORE-ARCHIVE"
	exit 64
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lokt-layers.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
break_all "$scratch"
found=$(check_all "$scratch" "$scratch/calls.a" | wc -l)
if [ "$found" -ne 16 ]; then
	echo "of 16 breaches these were found:"
	check_all "$scratch" "$scratch/calls.a"
	exit 1
fi
breaches=$(check_all "$1" "$2")
[ -z "$breaches" ] && exit 0
echo "$breaches"
exit 1
