/* Stories about crowds: more than one step has room for. Nobody is forgotten, nobody told twice. */
#include <stdio.h>

#include "core/timer.h"
#include "story.h"

#define CROWD 1000 /* several times EFFECTS_MAX */

static size_t steps;

/* Counts the steps that answered somebody. */
static void counted(struct engine *engine, const struct event *event, struct effects *fx)
{
	engine_step(engine, event, fx);
	steps += fx->n_answers > 0;
}

/* A world where root holds `deploy` and a crowd waits for it. */
static struct world *crowded(const char *options)
{
	struct world *w = world_create();
	char who[16], spec[64];

	opens(w, "root", "deploy");
	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "deploy%s", options);
		opens(w, who, spec);
	}
	CHECK_EQUAL(w->pending, CROWD);
	w->step = counted;
	steps = 0;
	return w;
}

static void a_freeze_sends_a_crowd_away(void)
{
	struct world *w = crowded("");

	freezes(w, "root", "deploy", "10s");
	CHECK_EQUAL(w->pending, 0);
	CHECK_EQUAL(world_answers(w, ERR_FROZEN), CROWD);
	CHECK(steps >= CROWD / EFFECTS_MAX + 1);
	CHECK_EQUAL(engine_totals(w->engine).waiters, 0);
	world_destroy(w);
}

static void a_freeze_of_all_sends_crowds_away(void)
{
	struct world *w = world_create();
	char who[16], spec[64];

	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "lock%d", i % 100);
		opens(w, who, spec);
	}
	freezes(w, "root", "@all", "10s");
	CHECK_EQUAL(world_answers(w, ERR_FROZEN), CROWD - 100);
	CHECK_EQUAL(w->pending, 0);
	world_destroy(w);
}

static void a_stop_sends_a_crowd_away(void)
{
	struct world *w = crowded("");

	world_stop(w);
	CHECK_EQUAL(world_answers(w, ERR_STOPPING), CROWD);
	CHECK_EQUAL(w->pending, 0);
	opens(w, "late", "deploy");
	CHECK_EQUAL(world_answers(w, ERR_STOPPING), CROWD + 1);
	closes(w, "root", "deploy");
	opens(w, "later", "free");
	CHECK_EQUAL(world_answers(w, ERR_STOPPING), CROWD + 2);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
}

static void a_crowd_times_out_at_once(void)
{
	struct world *w = crowded("@timeout=1s");

	advance(w, 999);
	CHECK_EQUAL(w->pending, CROWD);
	advance(w, 1);
	CHECK_EQUAL(w->pending, 0);
	CHECK_EQUAL(world_answers(w, ERR_TIMEOUT), CROWD);
	world_destroy(w);
}

static void a_crowd_gets_the_errors_of_a_failing_log(void)
{
	struct world *w = crowded("");

	log_fails(w);
	closes(w, "root", "deploy");
	CHECK_EQUAL(world_answers(w, ERR_LOG), CROWD);
	CHECK_EQUAL(w->pending, 0);
	world_destroy(w);
}

static void a_crowd_of_holds_expires_at_once(void)
{
	struct world *w = world_create();
	char who[16], spec[64];

	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "lock%d@ttl=1s", i / 2);
		opens(w, who, spec);
	}
	CHECK_EQUAL(w->pending, CROWD / 2);
	advance(w, 1000);
	CHECK_EQUAL(engine_counters(w->engine)->expired, CROWD / 2);
	CHECK_EQUAL(world_answers(w, OK), CROWD);
	advance(w, 1000);
	CHECK_EQUAL(engine_counters(w->engine)->expired, CROWD);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
}

static void a_crowd_is_let_in_one_by_one(void)
{
	struct world *w = crowded("@frozen=wait");
	char who[16];

	freezes(w, "root", "deploy", "1s");
	closes(w, "root", "deploy");
	advance(w, 2000);
	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		CHECK_EQUAL(w->pending, CROWD - 1 - i);
		closes(w, who, "deploy");
	}
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
}

static void readers_come_in_at_once(void)
{
	struct world *w = crowded("@shared");

	closes(w, "root", "deploy");
	CHECK_EQUAL(world_answers(w, OK), CROWD + 1);
	CHECK(steps >= CROWD / EFFECTS_MAX + 1);
	for (int i = 1; i <= CROWD; i++)
		CHECK_EQUAL(w->requests[i].token, (uint64_t)i + 1);
	world_destroy(w);
}

/* Each waits for what the one before him has half of. */
static void groups_go_one_after_the_other(void)
{
	struct world *w = world_create();
	char who[16], spec[64];

	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "lock%d+lock%d", i % 7, (i + 1) % 7);
		opens(w, who, spec);
	}
	for (uint64_t id = 1; id <= CROWD; id++) {
		CHECK(w->requests[id - 1].answered);
		closes_id(w, id);
	}
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
}

/* Of a crowd that held, those are left who hold by a lease. */
static void a_crowd_of_leases_survives(void)
{
	struct world *w = world_create();
	char who[16], spec[64];

	for (int i = 0; i < CROWD; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "open%d", i);
		opens(w, who, spec);
		snprintf(spec, sizeof(spec), "lease%d", i);
		takes(w, who, spec, "1s");
	}
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).leases, CROWD);
	CHECK_EQUAL(engine_totals(w->engine).holders, CROWD);
	advance(w, 1000);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	CHECK_EQUAL(engine_counters(w->engine)->expired, CROWD);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a freeze sends a crowd away", a_freeze_sends_a_crowd_away},
		{"a freeze of everything sends crowds away", a_freeze_of_all_sends_crowds_away},
		{"a stop sends a crowd away, and who comes after", a_stop_sends_a_crowd_away},
		{"a crowd times out at once", a_crowd_times_out_at_once},
		{"a crowd gets the errors of a failing log",
			a_crowd_gets_the_errors_of_a_failing_log},
		{"a crowd of holds expires at once", a_crowd_of_holds_expires_at_once},
		{"readers come in at once", readers_come_in_at_once},
		{"groups go one after the other", groups_go_one_after_the_other},
		{"a crowd of leases survives", a_crowd_of_leases_survives},
		{"a crowd is let in one by one, in its order", a_crowd_is_let_in_one_by_one},
	};

	return CHECK_RUN(cases);
}
