#!/usr/bin/env bash
# lokt freeze, lokt unfreeze.
#
# "`freeze NAME --ttl` · `unfreeze`", "Exit: … 2 … frozen … 3 not found · 4 not yours · 64 usage",
# "Set by the mount's owner, an admin, or the holder's user; lifted by those, or by who set it."
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

lokt_start freeze_ttl=10m,allow_other
export LOKT_MOUNT=$M

same "it says for how long" "x is frozen for 20 s" "$("$LOKT" freeze x --ttl 20s)"
within "as the mount has it" 1 20000 "$(status x .freeze.remaining_ms)"
same "changed" "x is frozen for 1 h" "$("$LOKT" freeze --ttl=1h x)"
within "as the mount has it" 20001 3600000 "$(status x .freeze.remaining_ms)"
expect 'open EBUSY' "open:rw:$L/x"
check "lifted" "$LOKT" unfreeze x
expect 'open OK' "open:rw:$L/x"
"$LOKT" unfreeze x 2>"$T/out"
same "it is not frozen" 3 $?
check "says so" grep -q "x is not frozen" "$T/out"
same "by the mount's default" "x is frozen for 10 min" "$("$LOKT" freeze x)"
check "lifted" "$LOKT" unfreeze x

same "all of it" "the whole mount is frozen for 1 min" "$("$LOKT" freeze @all --ttl 60s | sed 's/60 s/1 min/')"
expect 'open EBUSY' "open:rw:$L/y"
"$LOKT" guard y -- true 2>"$T/out"
same "frozen" 2 $?
check "says so" grep -q "y is frozen by .*the whole mount is" "$T/out"
check "status too" grep -q "^the whole mount is frozen by" <("$LOKT" status)
check "lifted" "$LOKT" unfreeze @all

for bad in "freeze" "freeze x y" "freeze x --ttl 0" "freeze x --ttl none" "freeze @none" "unfreeze" \
	"unfreeze a/b"; do
	# shellcheck disable=SC2086
	"$LOKT" $bad >"$T/out" 2>&1
	same "usage: lokt $bad" 64 $?
done

# Not yours: neither the mount's owner, nor the holder's user, nor who froze it.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	other() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	install -m 755 "$LOKT" "$T/lokt" # the build may be where another user cannot go
	other test -x "$T/lokt" || skip "another user cannot run $T/lokt"
	other "$T/lokt" freeze x --ttl 1s 2>"$T/out"
	same "freezing is not yours" 4 $?
	check "ours" "$LOKT" freeze x --ttl 1m
	other "$T/lokt" unfreeze x 2>"$T/out"
	same "unfreezing is not yours" 4 $?
fi
