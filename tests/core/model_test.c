/* The engine against the naive model: every grant, denial and answer of random lives. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define STEPS 10000
#define LIVES 10

static size_t answered(const struct world *world)
{
	return world->n_requests - world->pending;
}

/* Checks that these grants got new tokens, in the order in which a name was granted. */
static void check_tokens(const struct world *w, struct model *model, uint64_t *highest)
{
	uint64_t most = *highest;

	for (int i = 0; i < model->n_answers; i++) {
		const struct outcome *one = &model->answers[i];
		const uint64_t token = w->requests[one->id - 1].token;
		struct asker *asker = model_find(model, one->id);

		CHECK((one->granted != 0) == (token != 0) || one->err != OK);
		if (!one->granted)
			continue;
		CHECK(token > *highest);
		for (int j = 0; j < i; j++)
			if (model->answers[j].granted & one->granted)
				CHECK(w->requests[model->answers[j].id - 1].token < token);
		if (asker)
			asker->token = token;
		most = token > most ? token : most;
	}
	*highest = most;
}

/* Checks that the model foresaw these answers, and only these. */
static void check_answers(const struct world *w, const struct model *model, size_t before)
{
	for (int i = 0; i < model->n_answers; i++) {
		const struct outcome *outcome = &model->answers[i];
		const struct request *request = &w->requests[outcome->id - 1];

		if (!request->answered || request->err != outcome->err)
			check_fail(__FILE__, __LINE__,
				"request %" PRIu64 " of %s: the model says error %d", outcome->id,
				request->who, outcome->err);
	}
	CHECK_EQUAL(answered(w) - before, model->n_answers);
}

/* Checks that everybody is where the model has him. */
static void check_stages(const struct world *w, const struct model *model)
{
	uint64_t holders = 0, waiters = 0;
	unsigned leased = 0;

	for (int i = 0; i < model->count; i++) {
		const struct asker *a = &model->askers[i];

		if (a->lease)
			leased |= a->names;
		else
			CHECK_EQUAL(engine_holds(w->engine, a->id), a->stage == STAGE_HOLDS);
		CHECK_EQUAL(engine_waits(w->engine, a->id), a->stage == STAGE_WAITS);
		*(a->stage == STAGE_HOLDS ? &holders : &waiters) += 1;
	}
	for (unsigned i = 0; i < MODEL_NAMES; i++) {
		const char name[] = {'l', 'o', 'c', 'k', (char)('0' + i), '\0'};

		CHECK_EQUAL(engine_lease(w->engine, name) != 0, leased >> i & 1);
	}
	CHECK_EQUAL(engine_totals(w->engine).holders, holders);
	CHECK_EQUAL(engine_totals(w->engine).waiters, waiters);
}

/* The daemon comes again, or the machine, whose clocks then begin at nothing. */
static void restart(struct world *w, struct model *model, uint64_t dice)
{
	const bool same_boot = dice % 2;
	const int64_t away_ms = (int64_t)(dice / 2 % 500);

	if (!same_boot) {
		w->start.mono_ns = w->now.mono_ns = 50000000000;
		w->start.boot_ns = w->now.boot_ns = 50000000000;
		w->now.wall_ms += away_ms;
	}
	world_restart(w, same_boot, dice % 3);
	model_restart(model, same_boot, away_ms);
}

static void live(uint64_t seed)
{
	struct model *model = malloc(sizeof(*model));
	struct world *w = world_create();
	struct life life = {.seed = seed};
	uint64_t highest = 0;

	CHECK(model);
	model_init(model);
	for (int i = 0; i < STEPS; i++) {
		struct act act = life_choose(&life, w);
		size_t before = answered(w);

		life_do(w, &act);
		model_do(model, &act, w->n_requests);
		check_answers(w, model, before);
		check_tokens(w, model, &highest);
		check_stages(w, model);
		if (i % 400 == 399) {
			restart(w, model, check_random(&life.seed));
			check_stages(w, model);
		}
	}
	world_destroy(w);
	free(model);
}

static void lives(void)
{
	for (uint64_t seed = 100; seed < 100 + LIVES; seed++)
		live(seed);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"the engine answers as the model says", lives},
	};

	return CHECK_RUN(cases);
}
