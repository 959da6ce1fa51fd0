# shellcheck shell=bash
# For tests of what `meson install` installs; after lib.sh. It lies below $T/root, and, in a mount
# namespace of this test's own, where it belongs: over $prefix.

need meson jq
own_mounts

prefix=$(meson introspect --buildoptions "$LOKT_BUILD" |
	jq -er '.[] | select(.name == "prefix").value') || fail "which prefix?"
DESTDIR=$T/root meson install -C "$LOKT_BUILD" --no-rebuild >"$T/install.log" 2>&1 ||
	fail "meson install: $(tail -n 5 "$T/install.log")"
mount -t overlay -o "lowerdir=$T/root$prefix:$prefix" overlay "$prefix" 2>/dev/null ||
	{ [ "$prefix" != /usr ] && mount --bind "$T/root$prefix" "$prefix"; } || fail "cannot lay it over $prefix"
