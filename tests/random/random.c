/*
 * lokt-random: random lives of several processes at one mount, against a naive model.
 *
 *	lokt-random MOUNT SEED STEPS SECONDS [GROUP]
 *
 * MOUNT is a fresh mount that nobody else uses, made by the same user. Run by root, it takes the
 * users 61001 and 61002 too (allow_other), and as one of GROUP, the mount's admins, 61003. A seed
 * is always the same story; of a long one SECONDS may leave the end away. Now and then it prints
 * "restart", and goes on after a line on standard input: then another daemon serves the mount. At
 * the end of the input it goes on without.
 * Exit: 0 no difference · 1 one · 64 usage.
 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "choose.h"
#include "crew.h"
#include "log.h"
#include "look.h"
#include "story.h"
#include "tell.h"

#define RESTART 800   /* steps between two lives of the daemon */
#define AROUND 8      /* steps between looks at all that shows the same in other ways */
#define SOON_MS 30000 /* what has to come is there by then, on the slowest machine */

static struct {
	const char *mount;
	gid_t admins;
	bool alone; /* nobody restarts the daemon */
	int restarts;
	uint64_t seed;
	unsigned long step;
	struct chooser chooser;
	struct model model;
	struct crew crew;
	struct look look;
	struct log log;
	struct story story;
} run;

/* Says what is wrong and how it came to it; ends the run. */
__attribute__((format(printf, 1, 2))) static _Noreturn void differ(const char *format, ...)
{
	va_list args;

	printf("seed %" PRIu64 " differs at step %lu:\n", run.seed, run.step);
	story_print(&run.story);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
	crew_end(&run.crew);
	_exit(1);
}

static const char *error_name(int err)
{
	const char *name = err ? strerrorname_np(err) : "OK";

	return name ? name : "an unknown error";
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Has the act happen. */
static void perform(const struct act *act)
{
	struct order order;

	if (tell_order(&run.model, act, run.mount, &order))
		crew_tell(&run.crew, act->worker, &order);
	else if (act->kind == ACT_DIE)
		crew_signal(&run.crew, act->worker, act->signal);
	else if (act->kind == ACT_SIGNAL && !crew_interrupt(&run.crew, act->worker, SOON_MS))
		differ("w%d's open is not interrupted\n", act->worker);
}

/* Waits for every answer that the model foresees. */
static void hear(const struct act *act)
{
	for (int i = 0; i < run.model.n_answers; i++) {
		const struct answer *answer = &run.model.answers[i];
		struct report report;

		if (!crew_hear(&run.crew, answer->worker, SOON_MS, &report))
			differ("w%d should have got %s, and waits\n", answer->worker,
				error_name(answer->err));
		story_add(&run.story, "        w%d: %s", answer->worker, error_name(report.err));
		if (report.err != answer->err)
			differ("w%d should have got %s\n", answer->worker, error_name(answer->err));
		if (act->kind == ACT_FORK) {
			run.model.workers[act->other].pid = report.value;
			crew_adopt(&run.crew, act->other, report.value);
		}
		if (!look_report(&run.look, &run.model, act, &report))
			differ("wanted: %s\nseen:   %s\n", run.look.wanted, run.look.seen);
	}
}

/* Whether there is an answer that the model did not foresee. */
static void hear_nothing(void)
{
	struct report report;

	for (int i = 0; i < WORKERS; i++)
		if (crew_hear(&run.crew, i, 0, &report))
			differ("w%d got %s and should wait\n", i, error_name(report.err));
}

/* What needs no answer but time: it may take some until status shows it. */
static bool is_slow(const struct act *act)
{
	return act->kind == ACT_DIE || act->kind == ACT_SIGNAL || act->ms == BRIEF_MS ||
		act->ask.ttl_ms == BRIEF_MS ||
		(act->kind == ACT_OPEN && run.model.workers[act->worker].waits != NOBODY);
}

/* Waits until status is as the model has it. */
static void look(const struct act *act)
{
	const long end = now_ms() + (is_slow(act) ? SOON_MS : 0);
	struct timespec pause = {0, 100000};

	while (!look_status(&run.look, &run.model, run.mount)) {
		hear_nothing();
		if (now_ms() >= end)
			differ("wanted:\n%s\nseen:\n%s", run.look.wanted, run.look.seen);
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 5000000)
			pause.tv_nsec *= 2;
	}
	hear_nothing();
	if (run.step % AROUND != 0)
		return;
	if (!look_around(&run.look, &run.model, run.mount, (int)(run.step / AROUND % NAMES)))
		differ("wanted:\n%s\nseen:\n%s", run.look.wanted, run.look.seen);
	if (!log_look(&run.log, &run.look, &run.model))
		differ("wanted of the log:\n%s\nseen:\n%s", run.look.wanted, run.look.seen);
}

/* Tokens grow: over the steps, and within a step along each name. */
static void check_tokens(void)
{
	uint64_t highest = run.model.last_token;

	for (const struct hold *a = run.model.holds; a < run.model.holds + HOLDS; a++) {
		for (const struct hold *b = run.model.holds; b < a; b++)
			if (a->stage == HELD && b->stage == HELD &&
				(a->token == b->token ||
					((a->ask.names & b->ask.names) &&
						(a->token < b->token) !=
							(a->granted < b->granted))))
				differ("tokens %" PRIu64 " and %" PRIu64 " do not grow\n", a->token,
					b->token);
		if (a->stage == HELD && a->token > highest)
			highest = a->token;
	}
	run.model.last_token = highest;
}

static void step(const struct act *act)
{
	char line[STORY_LINE];

	run.step++;
	tell_line(&run.model, act, line, sizeof(line));
	story_add(&run.story, "%6lu %s", run.step, line);
	perform(act);
	model_do(&run.model, act);
	if (act->kind == ACT_SPAWN)
		run.model.workers[act->worker].pid = crew_spawn(&run.crew, act->worker,
			run.model.uids[act->user], act->user == ADMIN ? run.admins : 0);
	if (act->kind == ACT_DIE && !crew_bury(&run.crew, act->worker, SOON_MS))
		differ("w%d does not die\n", act->worker);
	hear(act);
	look(act);
	check_tokens();
}

static void everybody_dies(void)
{
	struct act act = {.kind = ACT_DIE, .signal = SIGKILL, .hold = NOBODY};

	for (act.worker = 0; act.worker < WORKERS; act.worker++)
		if (run.model.workers[act.worker].alive)
			step(&act);
}

/* The daemon ends and comes back, if somebody sees to it, with leases and freezes as before. */
static void restart(void)
{
	everybody_dies();
	log_close(&run.log);
	printf("restart\n");
	fflush(stdout);
	run.alone = getchar() == EOF;
	run.restarts += !run.alone;
	story_add(&run.story, "       the daemon %s", run.alone ? "stays" : "is another one");
	if (!log_open(&run.log, run.mount))
		differ("there is no mount any more\n");
	if (!look_status(&run.look, &run.model, run.mount) ||
		!log_look(&run.log, &run.look, &run.model))
		differ("wanted:\n%s\nseen:\n%s", run.look.wanted, run.look.seen);
}

/* What everybody leaves, the places of who waited among it, is gone soon. */
static void finish(void)
{
	const long end = now_ms() + SOON_MS;

	everybody_dies();
	while (!look_rest(&run.look, &run.model, run.mount)) {
		if (now_ms() >= end)
			differ("wanted: %s\nseen:   %s\n", run.look.wanted, run.look.seen);
		usleep(20000);
	}
}

static void users_init(struct model *model)
{
	const struct passwd *passwd = getpwuid(getuid());

	model->n_users = getuid() != 0 ? 1 : run.admins ? USERS : ADMIN;
	for (int i = 0; i < USERS; i++) { /* without names: the numbers are their labels */
		model->uids[i] = i > 0 ? 61000 + (uid_t)i : getuid();
		snprintf(model->users[i], sizeof(model->users[i]), "%u", model->uids[i]);
	}
	if (passwd)
		snprintf(model->users[0], sizeof(model->users[0]), "%s", passwd->pw_name);
}

/* Everything that a run needs besides its mount. False, after a message: there is no mount. */
static bool run_init(const char *mount, const char *seed, const struct group *admins)
{
	run.mount = mount;
	run.admins = admins ? admins->gr_gid : 0;
	run.seed = strtoull(seed, NULL, 10);
	run.chooser.state = run.seed * 0x9e3779b97f4a7c15ULL | 1;
	users_init(&run.model);
	for (int i = 0; i < WORKERS; i++)
		run.model.workers[i].parent = run.model.workers[i].waits = NOBODY;
	if (!log_open(&run.log, mount)) {
		fprintf(stderr, "lokt-random: there is no Lokt mount at %s\n", mount);
		return false;
	}
	crew_init(&run.crew);
	return true;
}

int main(int argc, char **argv)
{
	const struct group *admins = argc == 6 ? getgrnam(argv[5]) : NULL;

	if (argc < 5 || argc > 6 || (argc == 6 && !admins)) {
		fprintf(stderr, "usage: lokt-random MOUNT SEED STEPS SECONDS [GROUP]\n");
		return 64;
	}
	if (!run_init(argv[1], argv[2], admins))
		return 1;
	const unsigned long steps = strtoul(argv[3], NULL, 10);
	const long begun = now_ms(), end = begun + 1000 * strtol(argv[4], NULL, 10);

	while (run.step < steps && now_ms() < end) {
		struct act act;

		choose(&run.chooser, &run.model, &act);
		step(&act);
		if (run.step % RESTART == 0 && !run.alone)
			restart();
	}
	finish();
	printf("seed %" PRIu64 ": %lu steps, %" PRIu64
	       " grants, %d restarts, no difference, %ld ms\n",
		run.seed, run.step, run.model.grants, run.restarts, now_ms() - begun);
	return 0;
}
