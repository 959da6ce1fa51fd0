#!/usr/bin/env bash
# What a lock's file does not do.
#
# "So `O_EXCL` on `locks/` always fails (`EEXIST`). Setting size or times succeeds (`>` and `touch`
# work); mode, owner, `mkdir`, `rename`, `link`: `EPERM`."
#
# Where every name exists, the kernel itself says EEXIST to mkdir, link and symlink, before the
# daemon hears of it.
. "$(dirname "$0")/lib.sh" || exit 1

# refused_as 'ERRNO ERRNO…' STEP: one of these.
refused_as() {
	local got
	got=$("$TRY" "$2")
	got=${got#* }
	[[ " $1 " = *" $got "* ]] || fail "$2: wanted one of $1, got $got"
}

lokt_start
expect 'open EEXIST' "open:wr+creat+excl:$L/x"
expect 'open EEXIST' "open:rw+creat+excl:$L/x@try"
same "and that took nothing" 0 "$(count '.event == "acquire"')"

for held in no yes; do
	[ $held = no ] || hold holder x
	for path in "$L/x" "$L/x@ttl=1s" "$L" "$M" "$M/audit" "$M/status.json"; do
		expect 'chmod EPERM' "chmod:$path"
		expect 'chown EPERM' "chown:$path"
	done
	expect 'rename EPERM' "rename:$L/x:$L/y"
	expect 'rename EPERM' "rename:$L/x:$M/y"
	expect 'rename EPERM' "rename:$M/status.json:$L/x"
	expect 'link EPERM' "link:$L/x:$M/y"
	refused_as 'EPERM EEXIST' "link:$L/x:$L/y"
	refused_as 'EPERM EEXIST' "mkdir:$L/x"
	refused_as 'EPERM EEXIST' "symlink:$L/x"
	expect 'mkdir EPERM' "mkdir:$M/new"
	expect 'mkdir EPERM' "mkdir:$M/freezes/new"
	refused_as 'EPERM' "symlink:$M/new"
	refused_as 'EPERM EBUSY ENOTEMPTY' "rmdir:$L"
	refused_as 'EPERM EACCES' "unlink:$M/audit"
	refused_as 'EPERM EACCES' "unlink:$M/status.json"
	refused_as 'ENOTDIR' "rmdir:$L/x"
	expect 'open ENOTDIR' "open:rd:$L/x/y"
	refute "a file of one's own" eval ': >"$M/mine"'

	expect 'truncate OK' "truncate:$L/x"
	expect 'utimes OK' "utimes:$L/x"
	check "touch" touch "$L/x"
	check "touch -c" touch -c "$L/x"
	check "touch -d" touch -d yesterday "$L/x"
done
let_go "$holder"
check "> takes it and gives it back" eval ': >"$L/x"'
check ">> too" eval ': >>"$L/x"'
check "free afterwards" state_is x free
same "the status tells the same" "" "$(ls -A "$L")"
