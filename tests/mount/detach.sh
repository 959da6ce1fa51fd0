#!/usr/bin/env bash
# What the daemon in the background keeps of its caller: nothing. A descriptor of a lock on another
# mount would hold that lock for as long as the daemon lives.
#
# "The hold lasts until the last descriptor of it is closed, wherever it was inherited to."
. "$(dirname "$0")/lib.sh" || exit 1

# It keeps nothing of its caller: no pipe, no file, and so no lock of another mount.
exec 9>"$T/kept"
lokt_start
exec 9>&-
same "no descriptor of the caller" 0 "$(find "/proc/$D/fd" -lname "$T/kept" | wc -l)"
lokt_stop
check "the caller's pipe ends" timeout 30 bash -c '"$LOKTFS" -o "state=$0" "$1" 2>&1 | cat' "$S" "$M"
lokt_started
lokt_stop
