/* The engine against the naive model: every grant, denial and answer of random lives. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define STEPS 10000

static size_t answered(const struct world *world)
{
	return world->n_requests - world->pending;
}

/* Checks that the model foresaw these answers, and only these. */
static void check_answers(const struct world *w, const struct model *model, size_t before)
{
	CHECK_EQUAL(answered(w) - before, model->n_answers);
	for (int i = 0; i < model->n_answers; i++) {
		const struct outcome *outcome = &model->answers[i];
		const struct request *request = &w->requests[outcome->id - 1];

		if (!request->answered || request->err != outcome->err ||
			request->token != outcome->token)
			check_fail(__FILE__, __LINE__,
				"request %llu of %s: the model says error %d, token %llu",
				(unsigned long long)outcome->id, request->who, outcome->err,
				(unsigned long long)outcome->token);
	}
}

/* Checks that everybody is where the model has him. */
static void check_stages(const struct world *w, const struct model *model)
{
	uint64_t holders = 0, waiters = 0;

	for (int n = 0; n < MODEL_NAMES; n++)
		for (int i = 0; i < model->names[n].count; i++) {
			const struct asker *a = &model->names[n].askers[i];

			CHECK_EQUAL(engine_holds(w->engine, a->id), a->stage == STAGE_HOLDS);
			CHECK_EQUAL(engine_waits(w->engine, a->id), a->stage == STAGE_WAITS);
			holders += a->stage == STAGE_HOLDS;
			waiters += a->stage == STAGE_WAITS || a->stage == STAGE_PAUSED;
		}
	CHECK_EQUAL(engine_totals(w->engine).holders, holders);
	CHECK_EQUAL(engine_totals(w->engine).waiters, waiters);
}

static void live(uint64_t seed)
{
	struct model *model = malloc(sizeof(*model));
	struct world *w = world_create();
	struct life life = {.seed = seed};

	CHECK(model);
	model_init(model);
	for (int i = 0; i < STEPS; i++) {
		struct act act = life_choose(&life, w);
		size_t before = answered(w);

		life_do(w, &act);
		model_do(model, &act, w->n_requests);
		check_answers(w, model, before);
		check_stages(w, model);
	}
	CHECK(engine_counters(w->engine)->grants > STEPS / 20);
	world_destroy(w);
	free(model);
}

static void lives(void)
{
	for (uint64_t seed = 100; seed < 106; seed++)
		live(seed);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"the engine answers as the model says", lives},
	};

	return CHECK_RUN(cases);
}
