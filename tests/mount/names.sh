#!/usr/bin/env bash
# Names and specs, good and bad.
#
# "`<name>` matches `[A-Za-z0-9._-]{1,128}` and does not begin with `.` or `-`. `<spec>` is
# `<name>[+<name>…][@<option>[,<option>…]]`, at most 255 bytes. Anything else: `EINVAL`, or
# `ENAMETOOLONG` past a length.", "`owner=TEXT`: label in status and audit, `[A-Za-z0-9._:-]{1,64}`:
# the user's name", "An option twice, or an unknown one: `EINVAL`. `DUR` is `500ms`, `2s`, `10m`,
# `1h`, `1h30m`, or a bare number of seconds; 0 only where stated; at most 30 days."
. "$(dirname "$0")/lib.sh" || exit 1

# repeat TEXT TIMES
repeat() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf %s "$1"
	done
}

lokt_start
n128=$(repeat n 128)
o64=$(repeat o 64)

# What is good: taken, held under its name, given back.
while read -r spec; do
	expect 'close OK' "open:rw:$L/$spec" close
	check "$spec" happened '.event == "acquire" and (.name // (.names | join("+"))) == $n' \
		--arg n "${spec%%@*}"
done <<EOT
a
0
A.b-c_d
a..b
_
a-
a.
$n128
$n128@owner=$o64
$n128@owner=$o64,ttl=1h30m,timeout=500ms,frozen=wait
x@ttl=500ms
x@ttl=2s
x@ttl=10m
x@ttl=1h
x@ttl=1h30m
x@ttl=90
x@ttl=720h
x@ttl=none
x@timeout=0
x@timeout=5s
x@timeout=none
x@try
x@owner=a
x@owner=A.b_c:d-9
x@frozen=wait
x@ttl=2s,timeout=2s,owner=me,frozen=wait
x@frozen=wait,owner=me,timeout=2s,ttl=2s
x@shared
x@slots=1
x@slots=2
x@bind=pid
x@bind=fd
a+b
a+b+c.d-e_f@ttl=2s,try
a+$n128@shared,bind=pid
x@shared,bind=pid,ttl=1h,timeout=2s,owner=me,frozen=wait
EOT

# As long as it may be: 255 bytes; one more is too long.
g251=$(for ((i = 100; i < 163; i++)); do printf '%d+' $i; done | head -c 251)
expect 'close OK' "open:rw:$L/$g251@try" close
expect 'open ENAMETOOLONG' "open:rw:$L/${g251}0@try"

# What is bad.
# shellcheck disable=SC2054 # these commas belong to the specs
bad=(
	.x ..x -x -- 'a b' ' a' 'a ' a:b a/ @try @ @all a@ a@@ a@@try a@,try a@try, a@try,,ttl=1s
	'a*b' 'a?b' 'a"b' "a'b" 'a\b' 'a\nb' 'a$b' 'a%s%n' 'a`b' 'a|b' 'a&b' 'a;b' 'a<b' 'a>b' 'a(b)' 'a{b}'
	'a[b]' 'a~b' 'a!b' 'a#b' 'a=b' 'a,b' 'a^b'
	$'a\x01b' $'a\nb' $'a\tb' $'a\rb' $'a\x7fb' $'\xff\xfe' $'a\x80' $'\xc3\xa9' $'\xe2\x80\xae' $'a\x1b[2J'
	a@bogus a@bogus=1 a@TRY a@Ttl=1s a@try=1 a@try= a@ttl a@ttl= a@ttl=0 a@ttl=0s a@ttl=-1 a@ttl=+1
	a@ttl=1x a@ttl=1d a@ttl=1S a@ttl=s a@ttl=1ss a@ttl=1.5s a@ttl=0x10 'a@ttl=1 s' 'a@ttl= 1s'
	a@ttl=721h a@ttl=2592001 a@ttl=31d a@ttl=99999999999999999999 a@ttl=18446744073709551615s
	a@ttl=18446744073709551617 a@ttl=9223372036854775807h a@ttl=1s30m a@ttl=1h1h a@ttl=None
	a@timeout a@timeout= a@timeout=-1 a@timeout=721h a@timeout=1x
	a@owner a@owner= 'a@owner=a b' a@owner=a/b 'a@owner=a"b' a@owner=a+b a@owner=a@b a@owner=a=b
	$'a@owner=\xc3\xa9' $'a@owner=a\nb'
	a@frozen a@frozen= a@frozen=Wait a@frozen=waits
	a@ttl=1s,ttl=1s a@try,try a@owner=a,owner=b a@timeout=1s,timeout=2s a@frozen=wait,frozen=wait
	a@token=1 a@ttl=1s,bogus
	a+a a+ +a + a++b a+b+a a+.b a+-b a+b+ 'a+ b' a+@try
	a@shared=1 a@shared= a@shared,shared a@slots a@slots= a@slots=0 a@slots=-1 a@slots=+1 a@slots=1x
	a@slots=99999999999999999999 a@slots=2,shared a@bind a@bind= a@bind=x a@bind=pid,bind=fd
)
for spec in "${bad[@]}"; do
	case $spec in
	*/*) continue ;; # the kernel's to judge
	esac
	for flags in rw rd+nonblock; do
		expect 'open EINVAL' "open:$flags:$L/$spec"
	done
done
expect 'open EINVAL' "open:rw+creat:$L/a b"
expect 'open EINVAL' "open:wr+creat+trunc:$L/a@bogus"

# Too long.
for spec in "n$n128" "n$n128@try" "$(repeat n 255)" "$(repeat n 256)" "$(repeat n 1000)" \
	"$(repeat n 1025)" "$(repeat n 4000)" "a@owner=$(repeat o 248)" "a@$(repeat try, 70)try"; do
	expect 'open ENAMETOOLONG' "open:rw:$L/$spec"
done
out=$("$TRY" "open:rw:$L/a@owner=o$o64")
[[ $out = 'open EINVAL '* || $out = 'open ENAMETOOLONG '* ]] || fail "an owner of 65: $out"

# The same names elsewhere.
for name in .x -x 'a b' a@try a+b $'a\nb' @none; do
	refute "status/$name.json" cat "$M/status/$name.json"
	refute "freezes/$name" eval 'echo 1s >"$M/freezes/$name"'
	refute "renew $name" eval 'echo "$name" >"$M/renew"'
done
for name in a "$n128"; do
	check "status/$name.json" jq -e '.state == "free"' "$M/status/$name.json"
	check "freezes/$name" eval 'echo 1h >"$M/freezes/$name"'
	check "freezes/$name" rm "$M/freezes/$name"
done
refute "a status of nothing" cat "$M/status/.json"
refute "a status that is not JSON" cat "$M/status/a"
refute "a status of a long name" cat "$M/status/n$n128.json"

# None of the bad ones left a trace.
same "nothing is listed" "" "$(ls -A "$L")"
cat "$M/audit.jsonl" >"$T/log"
verify_chain "$T/log"
check "every line is JSON" jq -e . "$T/log"
same "no bad name in the log" 0 "$(jq -r '.name // empty' "$T/log" |
	grep -cvxE '[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@all')"
check "the daemon lives" jq -e . "$M/status.json"
