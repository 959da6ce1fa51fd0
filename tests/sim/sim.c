/* lokt-sim: the real daemon in a world that it cannot tell from the real one.
 *
 *	lokt-sim --seeds A-B [--jobs N]     every schedule of these seeds, first without a crash, then with one at
 *	                                    each point of it in turn, then at every seventh store
 *	lokt-sim --for 8h [--seeds A]       as many seeds, from A on, as there is time for (s, m, h)
 *	lokt-sim --seed N --point P --story one run, told step by step; or --store S; or neither: without a crash
 *	lokt-sim --shrink --seed N --point P  the same with all steps left out that the failure does not need
 *	  --skip 3,5-9      leaves out these steps          --no-crashes    only the runs without any
 *	Exit: 0 the contract was kept · 1 it was not: each failure is a line with the command that tells its story
 *
 * The server is all of fs/ but main(), the supervisor and what goes into the background, and all of core/, linked into this program and
 * called as a function. The linker puts functions of ours in the place of those system calls that
 * it makes (ld(1), --wrap): behind them are a clock, a boot id, a disk, processes and a kernel that exist only in
 * memory. One thread does everything, and a seed decides everything, so a seed is the same run each time.
 *
 *	schedule, acts    what happens besides: who opens, renews, polls, forks, dies; time; disks that fail
 *	people, calls     processes with threads and descriptors, and the requests that their calls become
 *	kernel, files     FUSE as the kernel speaks it: queues, interrupts, FORGET, RELEASE, poll wake-ups, RESEND
 *	vdisk, vcalls     the state directory, and what is left of it after a crash of the machine
 *	vsystem, vprocess, vmount   time and sleeping; what /proc and pidfds tell; what a supervisor does
 *	life, memory      a server's life: its memory is put back before each, so it may die anywhere
 *	judge, judge_log, judge_line, judge_rest, judge_state, entry   the judge, who knows the contract and not the code
 *	stores            death between two stores to the memory that one server leaves to the next
 *	run, state        a schedule, and the runs that branch off it where the server may die; shrink, story, dice, world.h
 *
 * A point is a place where the server may die: before, in the middle of and after each write, before and after each sync,
 * rename, removal and cut of a file, each request that it reads and each answer, and its sleeps; and before each store to
 * the memory that outlives it (fs/carry.h), or with that half done. It dies alone
 * (the next one goes on under the open mount), with its supervisor (a new mount), or with the machine (what was not synced
 * is there, gone or torn); after the first death it may die again, also while it recovers.
 *
 * What the judge holds against it, as it happens: every line of the log follows from the one before and from what
 * was asked; no two holds overlap that must not, also of slots, shared ones and groups; nothing is granted that is frozen;
 * tokens grow; first come, first served; nobody waits without a reason, or longer than he asked; no TTL is cut
 * short or overrun; no hold ends while it is open, and none stays whose last descriptor is closed; a grant, renewal, lease or freeze is in the log before it
 * is answered, and what is in the log is answered so; leases and freezes that were answered outlive the machine; every request is
 * answered once; EAGAIN, EBUSY, ETIMEDOUT, EINTR and EIO have a reason; who has lost a hold is told by write, read and
 * poll; readers of `audit` see each line once and in order; a checkpoint has just the holds there are; at the end nothing is held. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "shrink.h"
#include "vcalls.h"
#include "world.h"

#define FAILURES_MAX 10 /* seeds; then it is enough */

/* What is asked for. */
struct plan {
	uint64_t first, last;
	struct aim aim;
	double until; /* when to stop; 0: after the last seed */
	unsigned jobs;
	bool story, shrink, crashes;
};

/* What all jobs have done. */
struct tally {
	uint64_t seeds, runs, points, stores, deaths, lines, failures, bad_seeds;
};

static struct tally *tally;

static double seconds(void)
{
	struct timespec t;

	__real_clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void skip_print(void)
{
	const char *word = " --skip ";

	for (unsigned i = 0; i < world->steps; i++)
		if (world->skip[i]) {
			printf("%s%u", word, i);
			word = ",";
		}
}

static void failed(uint64_t seed, const struct aim *aim)
{
	printf("FAILED: %s\n  lokt-sim --seed %llu", world->failure, (unsigned long long)seed);
	if (aim->point != NONE)
		printf(" --point %llu", (unsigned long long)aim->point);
	if (aim->store != NONE)
		printf(" --store %llu", (unsigned long long)aim->store);
	skip_print();
	printf(" --story\n");
	fflush(stdout);
	__sync_fetch_and_add(&tally->failures, 1);
}

/* A run has ended. */
static void run_ended(const struct aim *aim, bool ok)
{
	__sync_fetch_and_add(&tally->runs, 1);
	__sync_fetch_and_add(&tally->points, aim->point != NONE);
	__sync_fetch_and_add(&tally->stores, aim->store != NONE);
	__sync_fetch_and_add(&tally->deaths, world->crashes);
	__sync_fetch_and_add(&tally->lines, world->lines_seen);
	if (!ok)
		failed(world->seed, aim);
}

static bool run_one(uint64_t seed, uint64_t point, uint64_t store)
{
	const struct aim aim = {point, store};
	const bool ok = run(seed, &aim, false);

	run_ended(&aim, ok);
	return ok;
}

/* The runs of a seed in which the server dies; the world is as the run without left it. */
static bool crashes_run(uint64_t seed)
{
	const uint64_t points = world->points, stores = world->stores;
	char h[sizeof(world->judge.h)];
	bool ok;

	strcpy(h, world->judge.h);
	ok = run_branches(seed, run_ended);
	if (ok &&
		(world->points != points || world->stores != stores ||
			strcmp(world->judge.h, h) != 0)) {
		printf("FAILED: seed %llu is not the same schedule after its branches\n",
			(unsigned long long)seed);
		__sync_fetch_and_add(&tally->failures, 1);
		return false;
	}
	for (uint64_t point = world->tried.point; ok && point < points; point++)
		ok = run_one(seed, point, NONE);
	for (uint64_t store = world->tried.store; ok && store < stores; store += STORES_APART)
		ok = run_one(seed, NONE, store);
	return ok;
}

/* All runs of one seed, until the first that fails. */
static void seed_run(const struct plan *plan, uint64_t seed)
{
	const bool ok = run_one(seed, NONE, NONE) && (!plan->crashes || crashes_run(seed));

	__sync_fetch_and_add(&tally->seeds, 1);
	__sync_fetch_and_add(&tally->bad_seeds, !ok);
}

/* Every `jobs`th seed. */
static void job_run(const struct plan *plan, unsigned job)
{
	for (uint64_t seed = plan->first + job; seed <= plan->last; seed += plan->jobs) {
		if (tally->bad_seeds >= FAILURES_MAX ||
			(plan->until != 0 && seconds() >= plan->until))
			break;
		seed_run(plan, seed);
	}
}

static int all_run(const struct plan *plan)
{
	const double start = seconds();
	int broken = 0;

	for (unsigned job = 0; job < plan->jobs; job++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			job_run(plan, job);
			exit(0);
		}
	for (int status; wait(&status) > 0;)
		broken += status != 0;
	printf("%llu schedules in %llu runs: %llu points and %llu stores died at, %llu deaths of "
	       "the server, %llu lines of log, %.0f runs a second: %llu failures%s\n",
		(unsigned long long)tally->seeds, (unsigned long long)tally->runs,
		(unsigned long long)tally->points, (unsigned long long)tally->stores,
		(unsigned long long)tally->deaths, (unsigned long long)tally->lines,
		(double)tally->runs / (seconds() - start), (unsigned long long)tally->failures,
		broken ? ", and a job that broke down" : "");
	return tally->failures || broken || tally->runs == 0 ? 1 : 0;
}

/* One run, told if that is asked for. */
static int one_run(const struct plan *plan)
{
	struct aim aim = plan->aim;

	if (plan->shrink)
		shrink(plan->first, &aim);

	bool ok = run(plan->first, &aim, plan->story);

	if (!ok)
		failed(plan->first, &aim);
	else
		printf("the contract was kept, over %llu points and %u lives of the server\n",
			(unsigned long long)world->points, world->lives);
	return ok ? 0 : 1;
}

static double duration(const char *text)
{
	char *unit;
	double number = strtod(text, &unit);

	return *unit == 'h' ? number * 3600 : *unit == 'm' ? number * 60 : number;
}

static void skip_read(const char *text)
{
	while (*text) {
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (; from <= to && from < STEPS_MAX; from++)
			world->skip[from] = 1;
		text = *end ? end + 1 : end;
	}
}

static void seeds_read(struct plan *plan, const char *text)
{
	char *end;

	plan->first = strtoull(text, &end, 10);
	plan->last = *end == '-' ? strtoull(end + 1, NULL, 10) : UINT64_MAX - plan->jobs;
}

/* An option and its value; false: there is no such. */
static bool option_read(struct plan *plan, const char *word, const char *value)
{
	if (strcmp(word, "--seeds") == 0)
		seeds_read(plan, value);
	else if (strcmp(word, "--seed") == 0)
		plan->first = plan->last = strtoull(value, NULL, 10);
	else if (strcmp(word, "--point") == 0)
		plan->aim.point = strtoull(value, NULL, 10);
	else if (strcmp(word, "--store") == 0)
		plan->aim.store = strtoull(value, NULL, 10);
	else if (strcmp(word, "--jobs") == 0)
		plan->jobs = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(word, "--for") == 0)
		plan->until = seconds() + duration(value);
	else if (strcmp(word, "--skip") == 0)
		skip_read(value);
	else
		return false;
	return true;
}

static bool flag_read(struct plan *plan, const char *word)
{
	if (strcmp(word, "--story") == 0)
		plan->story = true;
	else if (strcmp(word, "--shrink") == 0)
		plan->shrink = true;
	else if (strcmp(word, "--no-crashes") == 0)
		plan->crashes = false;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct plan plan = {.first = 1,
		.last = UINT64_MAX - 256,
		.aim = {NONE, NONE},
		.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.crashes = true};

	tally = mmap(
		NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	runs_prepare(); /* variables of ours that change after this are put back at every birth */
	for (int i = 1; i < argc; i++) {
		if (flag_read(&plan, argv[i]))
			continue;
		if (i + 1 == argc || !option_read(&plan, argv[i], argv[i + 1])) {
			fprintf(stderr, "lokt-sim: '%s'? see the head of tests/sim/sim.c\n",
				argv[i]);
			return 64;
		}
		i++;
	}
	if (plan.jobs == 0 || tally == MAP_FAILED)
		plan.jobs = 1;
	if (plan.story || plan.shrink || plan.aim.point != NONE || plan.aim.store != NONE)
		return one_run(&plan);
	if (plan.until == 0 && plan.last > UINT64_MAX - 1000) {
		fprintf(stderr, "lokt-sim: how long? --for 8h, or --seeds A-B\n");
		return 64;
	}
	return all_run(&plan);
}
