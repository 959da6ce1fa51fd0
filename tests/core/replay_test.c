/* Same events, same bytes: a random life, lived twice, and told again by its log. */
#include <stdlib.h>
#include <string.h>

#include "life.h"

#define STEPS 25000
#define CHECKPOINTS 8

/* A life, and where the checkpoints of its log stand. */
struct run {
	struct world *world;
	size_t checkpoints[CHECKPOINTS], count;
};

/* What happens to the daemon, now and then. */
static void fate(struct run *run, uint64_t dice, int step)
{
	struct world *w = run->world;

	if (step % (STEPS / CHECKPOINTS) == 0 && !w->journal.failing) {
		world_checkpoint(w);
		run->checkpoints[run->count++] = w->journal.checkpoint;
	}
	if (dice % 300 == 0)
		log_fails(w);
	else if (dice % 20 == 1)
		log_works(w);
	else if (dice % 5000 == 2 && !w->journal.failing)
		world_restart(w, true, dice % 3 == 0);
	else if (dice % 1000 == 3)
		wall_jumps(w, (int64_t)(dice / 1000 % 100000) - 50000);
	else if (dice % 10 == 4)
		world_begin(w);
}

/* A world with limits, and little patience for those who wait for themselves. */
static struct world *bounded(void)
{
	struct world *w = world_create();

	w->settings.deadlock_ms = 20;
	w->settings.limits.user[LIMIT_WAITERS] = 4;
	w->settings.limits.user[LIMIT_LEASES] = 1;
	w->settings.limits.total[LIMIT_FREEZES] = 3;
	world_configure(w);
	return w;
}

static struct run run_life(uint64_t seed, int steps)
{
	struct run run = {.world = bounded()};
	struct life life = {.seed = seed};

	for (int i = 0; i < steps; i++) {
		/* Some steps come as one batch, within which no time passes. */
		struct act act = life_choose(&life, run.world);

		if (run.world->batching &&
			(act.kind >= ACT_ADVANCE || !effects_room(&run.world->fx)))
			world_commit(run.world);
		life_do(run.world, &act);
		if (!run.world->batching)
			fate(&run, check_random(&life.seed), i);
	}
	if (run.world->batching)
		world_commit(run.world);
	log_works(run.world);
	return run;
}

static void check_same(const struct text *a, const struct text *b)
{
	CHECK_EQUAL(a->len, b->len);
	CHECK(memcmp(a->data, b->data, a->len) == 0);
}

static void the_same_seed_gives_the_same_bytes(void)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct run a = run_life(seed, 4000), b = run_life(seed, 4000);
		char *first = world_picture(a.world, a.world->engine);
		char *second = world_picture(b.world, b.world->engine);

		check_same(&a.world->story, &b.world->story);
		check_same(&a.world->journal.text, &b.world->journal.text);
		CHECK_STRING(first, second);
		free(first);
		free(second);
		world_destroy(a.world);
		world_destroy(b.world);
	}
}

/* A world's picture without what no log tells: who waits. */
static char *settled_picture(struct world *w)
{
	world_stop(w);
	advance(w, 2000); /* and the paused are cancelled */
	CHECK_EQUAL(engine_totals(w->engine).waiters, 0);
	return world_picture(w, w->engine);
}

/* The engine from the log, as a daemon goes on with it: lost holds that nobody closed in the log are gone. */
static struct engine *recovered(struct world *w, size_t from)
{
	struct event event = {.kind = EVENT_RECOVER,
		.now = w->now,
		.same_boot = true,
		.trusted = true,
		.keep = true};
	struct engine *engine = journal_replay(&w->journal, from);
	struct effects *fx = calloc(1, sizeof(*fx));

	CHECK(fx);
	engine_step(engine, &event, fx);
	CHECK_EQUAL(fx->n_records, 0);
	free(fx);
	return engine;
}

static void every_checkpoint_leads_to_the_same_end(void)
{
	for (uint64_t seed = 10; seed < 13; seed++) {
		struct run run = run_life(seed, STEPS);
		struct world *w = run.world;

		unfreezes(w, "root", "@all");
		opens(w, "alice", "a+b");
		opens(w, "bob", "c@shared,bind=pid");
		opens(w, "carol", "d@slots=7,ttl=1h");
		takes(w, "dave", "e@owner=ci", "1h");
		free(settled_picture(w));
		char *views = world_views(w, w->engine), *whole = NULL;

		for (size_t i = 0; i < run.count; i++) {
			size_t from = i ? run.checkpoints[i] : 0;
			struct engine *engine = recovered(w, from);
			char *picture = world_picture(w, engine), *again = world_views(w, engine);

			CHECK_STRING(again, views);
			if (whole)
				CHECK_STRING(picture, whole);
			else
				whole = strdup(picture);
			free(again);
			free(picture);
			engine_destroy(engine);
		}
		CHECK(run.count > CHECKPOINTS / 2 && engine_totals(w->engine).holders >= 4);
		free(views);
		free(whole);
		world_destroy(w);
	}
}

/* Everything that can happen did: else the test shows less than it says. */
static void a_life_is_full(void)
{
	static const enum err errs[] = {OK, ERR_WOULD_WAIT, ERR_TIMEOUT, ERR_FROZEN,
		ERR_INTERRUPTED, ERR_LOG, ERR_LOST, ERR_HELD, ERR_ABSENT, ERR_PERMISSION,
		ERR_INVALID, ERR_EXISTS, ERR_LIMIT, ERR_DEADLOCK};
	struct run run = run_life(21, STEPS);
	const struct counters *counters = engine_counters(run.world->engine);

	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		CHECK(world_answers(run.world, errs[i]) > 10);
	CHECK(counters->grants > 100 && counters->expired > 10 && counters->pruned > 10);
	world_destroy(run.world);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"the same seed gives the same bytes", the_same_seed_gives_the_same_bytes},
		{"every checkpoint leads to the same end, and to what the daemon knew",
			every_checkpoint_leads_to_the_same_end},
		{"everything that can happen happens", a_life_is_full},
	};

	return CHECK_RUN(cases);
}
