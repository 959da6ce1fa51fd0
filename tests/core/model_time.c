/* See model.h: what time brings. */
#include "model.h"

/* What fires: somebody's deadline or a thaw. */
struct due {
	struct asker *asker;
	struct frozen *frozen;
	uint64_t late, armed;
	int rank; /* of equals a thaw comes first, then a lease */
};

static struct due sooner(struct due a, struct due b)
{
	if (!a.asker && !a.frozen)
		return b;
	if (a.late != b.late)
		return a.late > b.late ? a : b;
	if (a.rank != b.rank)
		return a.rank < b.rank ? a : b;
	return a.armed < b.armed ? a : b;
}

static struct due due_find(struct model *model)
{
	const uint64_t boot = model->now + model->slept;
	struct due due = {0};

	for (int i = 0; i <= MODEL_NAMES; i++) {
		struct frozen *f = &model->frozen[i];

		if (f->thaws <= boot)
			due = sooner(due, (struct due){NULL, f, boot - f->thaws, f->armed, 0});
	}
	for (int i = 0; i < model->count; i++) {
		struct asker *a = &model->askers[i];
		const uint64_t now = a->lease ? boot : model->now;

		if (a->until <= now)
			due = sooner(due,
				(struct due){a, NULL, now - a->until, a->armed, a->lease ? 1 : 2});
	}
	return due;
}

void model_fire(struct model *model)
{
	for (struct due due; due = due_find(model), due.asker || due.frozen;) {
		if (due.frozen) {
			due.frozen->thaws = NEVER;
		} else {
			if (due.asker->stage == STAGE_WAITS)
				model_answer(model, due.asker->id, ERR_TIMEOUT, 0);
			model_remove(model, due.asker);
		}
		model_settle(model);
	}
}

/* The next deadline as it is on the clock that stands still in sleep, but not after `end`. */
static uint64_t next_of(const struct model *model, uint64_t end)
{
	for (int i = 0; i <= MODEL_NAMES; i++)
		if (model->frozen[i].thaws != NEVER && model->frozen[i].thaws - model->slept < end)
			end = model->frozen[i].thaws - model->slept;
	for (int i = 0; i < model->count; i++) {
		const struct asker *a = &model->askers[i];
		uint64_t until = a->until;

		if (a->lease && until != NEVER)
			until -= model->slept;
		if (until < end)
			end = until;
	}
	return end;
}

void model_advance(struct model *model, uint64_t ms)
{
	for (uint64_t end = model->now + ms; model->now < end; model_fire(model)) {
		model_fire(model);
		model->now = next_of(model, end);
	}
}
