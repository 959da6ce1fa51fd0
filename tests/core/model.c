/* See model.h: who gets what. */
#include "model.h"

#include <string.h>

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	for (int i = 0; i <= MODEL_NAMES; i++)
		model->frozen[i].thaws = NEVER;
}

unsigned model_names(const char *spec)
{
	unsigned names = 0;

	for (const char *at = spec; (at = strstr(at, "lock")); at += 4)
		names |= 1U << (at[4] - '0');
	return names;
}

struct asker *model_find(struct model *model, uint64_t id)
{
	for (int i = 0; i < model->count; i++)
		if (model->askers[i].id == id)
			return &model->askers[i];
	return NULL;
}

void model_answer(struct model *model, uint64_t id, enum err err, unsigned granted)
{
	CHECK(model->n_answers < MODEL_ANSWERS);
	model->answers[model->n_answers++] = (struct outcome){id, err, granted};
}

void model_arm(struct model *model, struct asker *asker, uint64_t until)
{
	asker->until = until;
	asker->armed = ++model->arms;
}

void model_remove(struct model *model, struct asker *asker)
{
	struct asker *end = &model->askers[--model->count];

	memmove(asker, asker + 1, (size_t)(end - asker) * sizeof(*asker));
}

uint64_t model_after(const struct model *model, bool boot, uint64_t ms)
{
	return ms == TIME_NONE ? NEVER : model->now + (boot ? model->slept : 0) + ms;
}

bool model_frozen(const struct model *model, unsigned names)
{
	for (int i = 0; i < MODEL_NAMES; i++)
		if ((names & 1U << i) && model->frozen[i].thaws != NEVER)
			return true;
	return model->frozen[MODEL_NAMES].thaws != NEVER;
}

/* Whether this one name has room for the asker, and nobody waits for it who came before. */
static bool has_room(const struct model *model, const struct asker *asker, unsigned name)
{
	uint32_t held = 0;

	for (const struct asker *a = model->askers; a < model->askers + model->count; a++) {
		if (!(a->names & name))
			continue;
		if (a->stage == STAGE_WAITS && a < asker)
			return false;
		if (a->stage != STAGE_HOLDS)
			continue;
		if (a->asked.mode != asker->asked.mode)
			return false;
		held++;
	}
	return asker->asked.mode == MODE_SHARED || held < asker->asked.slots;
}

static bool can_have_all(const struct model *model, const struct asker *asker)
{
	for (int i = 0; i < MODEL_NAMES; i++)
		if ((asker->names & 1U << i) && !has_room(model, asker, 1U << i))
			return false;
	return true;
}

/* Grants or refuses what one asks for, if the moment has come. */
static bool settle_one(struct model *model, struct asker *asker)
{
	bool frozen = model_frozen(model, asker->names);

	if (frozen && !asker->asked.frozen_wait) {
		model_answer(model, asker->id, ERR_FROZEN, 0);
		model_remove(model, asker);
		return true;
	}
	if (frozen || !can_have_all(model, asker))
		return false;
	asker->stage = STAGE_HOLDS;
	model_arm(model, asker, model_after(model, asker->lease, asker->asked.ttl_ms));
	model_answer(model, asker->id, OK, asker->names);
	return true;
}

void model_settle(struct model *model)
{
	bool again = true;

	while (again) {
		again = false;
		for (int i = 0; i < model->count && !again; i++)
			if (model->askers[i].stage == STAGE_WAITS)
				again = settle_one(model, &model->askers[i]);
	}
}

void model_restart(struct model *model, bool same_boot, int64_t away_ms)
{
	const uint64_t boot = model->now + model->slept;
	uint64_t *until[MODEL_ASKERS + MODEL_NAMES + 1];
	int n = 0;

	model->n_answers = 0;
	for (int i = model->count; i-- > 0;)
		if (!model->askers[i].lease)
			model_remove(model, &model->askers[i]);
	for (; n < model->count; n++)
		until[n] = &model->askers[n].until;
	for (int i = 0; i <= MODEL_NAMES; i++)
		until[n++] = &model->frozen[i].thaws;
	for (int i = 0; i < n && !same_boot; i++)
		if (*until[i] != NEVER)
			*until[i] = *until[i] > boot + (uint64_t)away_ms
				? *until[i] - boot - (uint64_t)away_ms
				: 0;
	if (!same_boot)
		model->now = model->slept = 0;
	model_fire(model);
}
