#!/usr/bin/env bash
# The exit codes of lokt, one after the other.
#
# "Exit: 0 done · 1 error · 2 held, frozen or timed out · 3 not found · 4 not yours · 64 usage · `guard`
# gives its command's own code, 128+n by signal."
. "$(dirname "$0")/lib.sh" || exit 1
. "${lib_self%/*}/others.sh" || exit 1

lokt_start allow_other
export LOKT_MOUNT=$M

# code WANTED ARGUMENT…: lokt exits with this code; when it is not 0, it says one line why.
code() {
	local want=$1 got
	shift
	"$LOKT" "$@" >"$T/out" 2>"$T/err" </dev/null
	got=$?
	[ "$got" = "$want" ] || fail "wanted $want, got $got: lokt $*: $(cat "$T/err")"
}

code 0 status
code 0 status x
code 0 lock y --ttl 1m
code 0 exists y
code 0 unlock y
code 0 freeze x --ttl 1m
code 0 unfreeze x
code 0 audit
code 0 audit verify
code 0 guard x -- true

# "`guard NAME [--ttl --timeout --wait --try --shared --slots --on-lost] -- CMD`", "`status [NAME]
# [--json]` · `exists`", "`top`": everything that may be said, once.
for flags in "--ttl 5s" "--timeout 5s" --wait --try --shared "--slots 3" --on-lost=kill --on-lost=term \
	--on-lost=warn "--ttl 5s --slots 2 --timeout 5s --on-lost=warn"; do
	# shellcheck disable=SC2086 # several words
	code 0 guard z $flags -- true
	# shellcheck disable=SC2086
	code 0 guard $flags z -- true
done
"$LOKT" guard z --shared -- cat "$M/status/z.json" | jq -e '.holder.mode == "shared"' >"$T/out" ||
	fail "guard --shared"
code 0 status --json
check "one object" jq -e '.version == 1 and .locks' "$T/out"
code 0 status x --json
check "one object" jq -e '.name == "x"' "$T/out"
code 0 top
hold holder shown
code 0 top
check "top shows what is held" grep -q shown "$T/out"
let_go "$holder"

code 1 status --mount "$T"
code 1 guard x --mount "$T" -- true
code 1 audit verify "$T/not-there"

hold holder x@owner=ada
code 2 guard x --try -- true
code 2 guard x --timeout 50ms -- true
code 2 lock x
code 2 lock x --timeout 50ms
code 0 freeze y --ttl 1m
code 2 guard y -- true
code 2 lock y
code 0 unfreeze y

code 3 exists y
code 3 unlock y
code 3 unfreeze y

code 64
code 64 frob
code 64 status x y
code 64 lock
code 64 guard x
code 64 freeze x --ttl never

for want in 0 1 2 3 4 64 200; do
	code $want guard z -- bash -c "exit $want"
done
for signal in TERM KILL HUP; do
	code $((128 + $(kill -l $signal))) guard z -- bash -c "kill -$signal \$\$"
done

# Not yours, as another user.
# "`lokt` does everything through the mount, with the same rights as `cat`."
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	others_ready
	cp "$LOKT" "$T/bin/lokt"
	LOKT=$T/bin/lokt
	code 0 lock l --ttl 1m
	others_are $ada
	for arguments in "unlock l" "unlock --force l" "unlock --force x" "freeze x --ttl 1m" \
		"freeze @all --ttl 1m"; do
		# shellcheck disable=SC2086 # several words
		"${lib_as[@]}" "$LOKT" $arguments >"$T/out" 2>"$T/err"
		got=$?
		same "not yours: $arguments: $(cat "$T/err")" 4 $got
	done
	lib_as=()
	same "nothing happened" "held held null" "$(status l .state) $(status x '"\(.state) \(.freeze)"')"
	code 0 unlock l
fi
code 0 unlock --force x
