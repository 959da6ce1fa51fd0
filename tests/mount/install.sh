#!/usr/bin/env bash
# What `meson install` puts where, below DESTDIR and the prefix.
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/installed.sh"

same "what is installed" "bin/lokt
lib/systemd/system/loktfs@.service
sbin/loktfs
share/bash-completion/completions/lokt
share/bash-completion/completions/loktfs
share/doc/lokt/LICENSE
share/doc/lokt/README.md
$(cd "$lib_tree" && find examples -type f -printf 'share/doc/lokt/%p\n' | sort)
share/fish/vendor_completions.d/lokt.fish
share/fish/vendor_completions.d/loktfs.fish
share/man/man1/lokt.1
share/man/man5/lokt.5
share/man/man8/loktfs.8
share/zsh/site-functions/_lokt" "$(cd "$T/root$prefix" && find . ! -type d -printf '%P\n' | sort)"
same "nothing beside the prefix" "" "$(find "$T/root" ! -type d ! -path "$T/root$prefix/*")"
same "programs, and nothing else, can be run" "$(printf '%s\n' ./bin/lokt ./sbin/loktfs \
	$(cd "$lib_tree" && find examples -type f -perm -100 -printf './share/doc/lokt/%p\n') | sort)" \
	"$(cd "$T/root$prefix" && find . -type f -perm -111 | sort)"
same "everybody may read it" "" "$(find "$T/root" ! -type l ! -perm -444)"
same "no link points nowhere" "" "$(find "$T/root" -xtype l)"

# It runs from there, with the library paths it will have.
check "lokt runs" "$prefix/bin/lokt" --version
check "loktfs runs" "$prefix/sbin/loktfs" --version
LOKTFS=$prefix/sbin/loktfs
lokt_start
check "lokt finds the mount" env LOKT_MOUNT="$M" "$prefix/bin/lokt" status
lokt_stop
