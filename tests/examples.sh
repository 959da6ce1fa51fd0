#!/usr/bin/env bash
# Every program of examples/ on a real mount, several processes at once: each keeps its promise.
. "$(dirname "$0")/mount/lib.sh" || exit 1

need python3 perl
examples=$lib_tree/examples
export LOKT_MOUNT=$M T
lokt_start

# ---- what they are: short, of three languages, and each is tried below ----

same "the examples" "agents.sh cron.sh deploy.sh gpus.py leader.py readers.pl" \
	"$(find "$examples" -type f -perm -100 -printf '%f\n' | sort | paste -sd ' ')"
same "nothing else is there" 6 "$(find "$examples" | sed 1d | wc -l)"
for file in "$examples"/*; do
	within "lines of $file" 1 29 "$(wc -l <"$file")"
	grep -qE 'LOKT_MOUNT(", "|:-|[}] // .)/mnt/lokt' "$file" || fail "$file: which mount?"
	sed -n 2p "$file" | grep -qE '^(# |""")[A-Z]' || fail "$file does not say what it shows"
done

# program NAME: a program of the test, from standard input.
program() {
	cat >"$T/$1" && chmod +x "$T/$1"
}

# all PID…: wait for each; all must have ended well.
all() {
	local pid
	for pid; do
		wait "$pid" || fail "process $pid failed"
	done
}

# ---- cron.sh: two runs do not overlap, and the second gives way ----

program job <<'EOJ'
#!/bin/sh
mkdir "$T/job.now" || echo overlap
until [ -e "$T/job.end" ]; do sleep 0.02; done
rmdir "$T/job.now"
EOJ
"$examples/cron.sh" backup "$T/job" >"$T/out" 2>&1 &
first=$!
wait_until 10 test -d "$T/job.now" || fail "no run: $(cat "$T/out")"
for ((i = 0; i < 5; i++)); do
	"$examples/cron.sh" backup "$T/job" >"$T/out.$i" 2>&1 &
	later[i]=$!
done
all "${later[@]}"
same "they say who is at work" 5 "$(grep -l '"state":"held"' "$T"/out.[0-4] | wc -l)"
: >"$T/job.end"
all $first
rm "$T/job.end"
for ((i = 0; i < 6; i++)); do # whoever is first, there is one at a time
	"$examples/cron.sh" backup "$T/job" >>"$T/out" 2>&1 &
	later[i]=$!
done
wait_until 10 test -d "$T/job.now" || fail "the lock stayed"
wait_until 10 eval '[ "$(jobs -r | grep -c cron)" = 1 ]' || fail "the others do not give way"
: >"$T/job.end"
all "${later[@]}"
refute "two at once" grep overlap "$T/out"
LOKT_MOUNT=$T refute "no lock service" "$examples/cron.sh" backup "$T/job"

# ---- deploy.sh: nobody works on the host that is being changed; the others work on ----

program work <<'EOW'
#!/bin/bash
# Works on hosts until told to stop; where it is frozen, somewhere else.
n=0
until [ -e "$T/work.end" ]; do
	host=web-$((n++ % 3))
	(
		mkdir "$T/at.$host.$$"
		sleep 0.1
		[ ! -d "$T/changing.$host" ] || echo "work on $host while it is changed"
		rmdir "$T/at.$host.$$"
		[ -z "$(ls -d "$T"/changing.* 2>/dev/null)" ] || : >"$T/elsewhere"
	) 9>"$LOKT_MOUNT/locks/$host@shared" || sleep 0.01
done 2>/dev/null
EOW
program install <<'EOI'
#!/bin/bash
mkdir "$T/changing" || echo "two deploys at once"
mkdir "$T/changing.$1"
for i in 1 2 3 4 5; do
	ls -d "$T/at.$1."* 2>/dev/null && echo "somebody is at work on $1"
	sleep 0.05
done
until [ -e "$T/elsewhere" ]; do sleep 0.02; done
rmdir "$T/changing.$1" "$T/changing"
EOI
for ((i = 0; i < 4; i++)); do
	"$T/work" >"$T/worker.$i" 2>&1 &
	workers[i]=$!
done
"$examples/deploy.sh" "$T/install" web-0 web-1 >"$T/deploy.1" 2>&1 &
deploys=($!)
"$examples/deploy.sh" "$T/install" web-1 web-2 >"$T/deploy.2" 2>&1 &
all "${deploys[@]}" $!
: >"$T/work.end"
all "${workers[@]}"
refute "promises broken" grep -h 'two deploys\|is at work\|while it' "$T"/deploy.[12] "$T"/worker.*
same "hosts done" 4 "$(cat "$T"/deploy.[12] | grep -c ': done')"
check "the work went on elsewhere" test -e "$T/elsewhere"
same "nothing stays frozen" "" "$(ls "$M/freezes")"
refute "a step that fails" "$examples/deploy.sh" false web-0 web-1
same "it stays frozen, and no more is changed" web-0 "$(ls "$M/freezes")"

# ---- gpus.py: four at a time, each with a GPU of its own ----

program train <<'EOT'
#!/bin/bash
mkdir "$T/gpu.$CUDA_VISIBLE_DEVICES" || echo "two on GPU $CUDA_VISIBLE_DEVICES"
until [ -e "$T/four" ]; do
	cards=("$T"/gpu.*)
	((${#cards[@]} < 4)) || : >"$T/four"
	sleep 0.02
done
cards=("$T"/gpu.*)
holders=$(jq '.holders | length' "$LOKT_MOUNT/status/gpus.json")
((${#cards[@]} <= 4 && holders <= 4)) || echo "too many"
sleep 0.05
rmdir "$T/gpu.$CUDA_VISIBLE_DEVICES"
exit 7
EOT
for ((i = 0; i < 12; i++)); do
	"$examples/gpus.py" "$T/train" >>"$T/gpus" 2>&1 &
	jobs[i]=$!
done
for pid in "${jobs[@]}"; do
	wait "$pid"
	same "the code of the job" 7 $?
done
same "what the jobs say" "" "$(cat "$T/gpus")"
# Whoever kills the pool's own process does not free the GPU of a job that lives on.
"$examples/gpus.py" bash -c 'echo $$ >"$T/survivor"; exec sleep 60' &
killed=$!
wait_until 10 test -s "$T/survivor" || fail "no job"
die KILL $killed
same "still taken" "held held" "$(status gpus .state) $(status gpu-0 .state)"
kill "$(<"$T/survivor")"
wait_until 10 state_is gpus free || fail "a place stays taken"

# ---- readers.pl: nobody reads half a file ----

seq 1 20000 | sed 's/.*/0/' >"$T/table"
(for ((i = 1; i <= 15; i++)); do
	yes $i | sed 20000q | "$examples/readers.pl" "$T/table" - || echo "not written"
done) >>"$T/readers" 2>&1 &
pids=($!)
for ((i = 0; i < 3; i++)); do
	(for ((n = 0; n < 15; n++)); do
		"$examples/readers.pl" "$T/table" | uniq -c | grep -vE '^ *20000 [0-9]+$'
	done
	:) >>"$T/readers" 2>&1 &
	pids+=($!)
done
all "${pids[@]}"
same "what readers saw of writes" "" "$(cat "$T/readers")"
same "the last one" 15 "$(uniq "$T/table")"
name=file-$(tr -c 'A-Za-z0-9.\n-' _ <<<"$T/table")
exec 9<"$L/$name@shared"
same "readers go together" 20000 "$("$examples/readers.pl" "$T/table" | wc -l)"
"$examples/readers.pl" "$T/table" - </dev/null 9<&- &
writer=$!
wait_until 10 eval '[ "$(status "$name" ".waiters | length")" = 1 ]' ||
	fail "the writer does not wait"
same "not yet written" 20000 "$(wc -l <"$T/table")"
exec 9<&-
all $writer

# ---- leader.py: who was the leader once writes nothing any more ----

# lead N: starts one; its process is leaders[N].
lead() {
	TTL=2 "$examples/leader.py" "$T/state.db" >"$T/leader.$1" 2>&1 &
	leaders[$1]=$!
}
# written WHAT: a number from the database.
written() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=60)
print(db.execute("SELECT COUNT(*) FROM writes " + sys.argv[2]).fetchone()[0])' "$T/state.db" "$1"
}
# leads N: it has written more than once.
leads() {
	(($(written "WHERE leader = ${leaders[$1]}") > 1))
}
for ((i = 0; ; i++)); do # until it was stopped in its sleep, and tries to write
	lead 0
	wait_until 20 leads 0 || fail "no leader: $(cat "$T/leader.0")"
	lead 1
	kill -STOP "${leaders[0]}"
	wait_until 20 leads 1 || fail "no second leader: $(cat "$T/leader.1")"
	kill -CONT "${leaders[0]}"
	wait "${leaders[0]}" && fail "it leads on: $(cat "$T/leader.0")"
	die KILL "${leaders[1]}"
	grep -q 'is refused' "$T/leader.0" && break
	grep -q 'is lost' "$T/leader.0" || fail "the stale leader says $(cat "$T/leader.0")"
	[ $i -lt 10 ] || fail "never refused"
done
same "writes with an older token than the one before" 0 \
	"$(written 'a, writes b WHERE b.rowid = a.rowid + 1 AND b.token < a.token')"

# ---- agents.sh: one of two has a file, over the ends of its processes ----

program agent <<'EOA'
#!/bin/bash
for ((done = 0; done < 5; )); do
	"$1" "$2" take src/main.c >"$T/agent.$2" 2>&1 || { sleep 0.02; continue; }
	mkdir "$T/editing" || echo "two edit it"
	"$1" "$2" keep src/main.c || echo "$2 lost it"
	rmdir "$T/editing"
	"$1" "$2" give src/main.c
	done=$((done + 1))
done
EOA
for agent in ada bob; do
	"$T/agent" "$examples/agents.sh" $agent >"$T/agents.$agent" 2>&1 &
	agents+=($!)
done
all "${agents[@]}"
same "what the agents say" "" "$(cat "$T"/agents.*)"
check "ada takes it" "$examples/agents.sh" ada take src/main.c
out=$("$examples/agents.sh" bob take src/main.c 2>/dev/null)
same "bob does not get it" 2 $?
same "and is told who has it" ada "$(jq -r .owner <<<"$out")"
refute "nor does he give it away" "$examples/agents.sh" bob give src/main.c
rm "$L/checkout-src_main.c@token=$(jq .token <<<"$out")"
"$examples/agents.sh" ada keep src/main.c 2>/dev/null
same "ada learns that it was taken from her" 3 $?
