#!/usr/bin/env bash
# lokt status, lokt exists, and how lokt finds its mount.
#
# "It finds the mount by `--mount`, `LOKT_MOUNT`, or the one `fuse.loktfs` mount. Flags may stand
# before or after the name", "Exit: 0 done · 1 error · 2 held, frozen or timed out · 3 not found …"
. "${BASH_SOURCE[0]%/*}/lib.sh" || exit 1

# lokt looks at every mount there is: at those of other tests too, which may stand still.
[ "$(id -u)" != 0 ] || own_mounts
lokt_start
export LOKT_MOUNT=$M
me=$(id -un)

# ---- all ----
same "nothing" "nothing is held, waited for or frozen" "$("$LOKT" status)"
hold holder deploy@ttl=30m,owner=ada
queue waiter deploy@owner=bob
echo 1h >"$M/freezes/site"
"$LOKT" status >"$T/out"
same "the heads" "NAME STATE OWNER PID HELD FOR EXPIRES IN WAITING THAWS IN" \
	"$(head -n 1 "$T/out" | tr -s ' ')"
check "the holder" grep -Eq "^deploy +held +ada +$holder .* 29 min [0-9]+ s +1 +-$" "$T/out"
check "the freeze" grep -Eq "^site +frozen +- +- +- +- +- +59 min [0-9]+ s$" "$T/out"
same "no colours and no blanks in a file" 0 "$(grep -c $'\033\\| $' "$T/out")"

# ---- one ----
"$LOKT" status deploy >"$T/out"
same "first line" "deploy is held" "$(head -n 1 "$T/out")"
check "holder" grep -Eq "^holder +ada  pid $holder +for .* expires in 29 min [0-9]+ s +exclusive, token" \
	"$T/out"
check "waiter" grep -Eq "^waiter 1 +bob  pid $waiter +for " "$T/out"
check "freeze" grep -Eq "^frozen by $me, thaws in 59 min" <("$LOKT" status site)
same "nobody" "unused is free" "$("$LOKT" status unused)"

# ---- as JSON, unchanged; flags anywhere ----
check "all" [ "$("$LOKT" status --json | jq -r '.locks[0].name, .daemon.pid')" = "deploy
$D" ]
for flags in "--json deploy" "deploy --json" "--mount=$M deploy --json" "deploy --json --mount $M"; do
	# shellcheck disable=SC2086 # several words
	same "$flags" "$holder" "$("$LOKT" status $flags | jq .holder.pid)"
done
same "byte for byte" "$(cat "$M/status/unused.json")" "$("$LOKT" status unused --json)"

# ---- exists ----
check "held" "$LOKT" exists deploy
same "it says nothing" "" "$("$LOKT" exists deploy 2>&1)"
for name in unused site; do
	"$LOKT" exists $name
	same "$name is not held" 3 $?
done
let_go "$holder"
granted "$waiter"
let_go "$waiter"

# ---- refusals ----
for bad in "status a b" "status .hidden" "status --nothing" "exists" "exists a/b" "frob" ""; do
	# shellcheck disable=SC2086
	"$LOKT" $bad >"$T/out" 2>&1
	same "usage: lokt $bad" 64 $?
done
for command in guard status exists audit freeze unfreeze "demo mosaic"; do
	# shellcheck disable=SC2086
	check "help" "$LOKT" $command --help
done
check "version" grep -Eq '^lokt [0-9]+\.[0-9]+' <("$LOKT" --version)

# ---- finding the mount ----
"$LOKT" status --mount "$T" >"$T/out" 2>&1
same "no mount there" 1 $?
check "it says how to start one" grep -q "start one with: loktfs $T" "$T/out"
unset LOKT_MOUNT
mkdir "$T/with blank" "$T/s2"
"$LOKTFS" -o "state=$T/s2" "$T/with blank" </dev/null >>"$T/daemon.log" 2>&1 ||
	fail "no second mount: $(tail -n 3 "$T/daemon.log")"
jq -r .daemon.pid "$T/with blank/status.json" >>"$T/daemons"
"$LOKT" status >"$T/out" 2>&1
same "two mounts" 1 $?
check "it names them" grep -q "$M" "$T/out"
check "with what is in their names" grep -q "$T/with blank" "$T/out"
check "by the variable" env LOKT_MOUNT="$T/with blank" "$LOKT" status
check "by the flag" "$LOKT" status --mount "$T/with blank/"
check "gone again" fusermount3 -u "$T/with blank"
lokt_stop
