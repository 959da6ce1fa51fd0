/* See model.h. */
#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *model_name(const struct model *model, int name, char text[16])
{
	if (name == ALL)
		return strcpy(text, "@all");
	snprintf(text, 16, "%c%u", 'a' + name, model->generations[name]);
	return text;
}

void model_answer(struct model *model, int worker, int err)
{
	model->answers[model->n_answers++] = (struct answer){worker, err};
}

bool hold_is_of(const struct hold *hold, int name)
{
	return hold->ask.names >> name & 1;
}

unsigned ask_slots(const struct ask *ask)
{
	return ask->slots ? ask->slots : 1;
}

bool model_unsure(const struct model *model, const struct ask *ask)
{
	for (int name = 0; name < NAMES; name++)
		if ((ask->names >> name & 1) && model->ghosts[name] &&
			model->ghosts[name] != ask_slots(ask))
			return true;
	return false;
}

const struct hold *model_holder(const struct model *model, int name, uint64_t after)
{
	const struct hold *next = NULL;

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == HELD && hold_is_of(h, name) && h->granted > after &&
			(!next || h->granted < next->granted))
			next = h;
	return next;
}

const struct hold *model_waiter(const struct model *model, int name, uint64_t after)
{
	const struct hold *next = NULL;

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == WAITS && (name == ALL || hold_is_of(h, name)) &&
			h->arrival > after && (!next || h->arrival < next->arrival))
			next = h;
	return next;
}

static bool frozen(const struct model *model, const struct hold *hold)
{
	for (int name = 0; name < NAMES; name++)
		if (hold_is_of(hold, name) && (model->freezes[name].on || model->freezes[ALL].on))
			return true;
	return false;
}

/* Whether those who hold the name leave room, and nobody who waits there came before. */
static bool fits(const struct model *model, const struct hold *hold, int name)
{
	unsigned holders = 0, slots = ask_slots(&hold->ask);

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++) {
		if (!hold_is_of(h, name))
			continue;
		if (h->stage == WAITS && h->arrival < hold->arrival)
			return false;
		if (h->stage == HELD && hold->ask.shared && !h->ask.shared)
			return false;
		if (h->stage == HELD && !hold->ask.shared && (h->ask.shared || ++holders >= slots))
			return false;
	}
	return true;
}

static bool fits_all(const struct model *model, const struct hold *hold)
{
	for (int name = 0; name < NAMES; name++)
		if (hold_is_of(hold, name) && !fits(model, hold, name))
			return false;
	return true;
}

void hold_end(struct hold *hold)
{
	memset(hold, 0, sizeof(*hold));
}

void hold_lose(struct hold *hold)
{
	if (hold->lease)
		hold_end(hold);
	else
		hold->stage = LOST;
}

void model_refuse(struct model *model, struct hold *hold, int err)
{
	model_answer(model, hold->opener, err);
	model->workers[hold->opener].waits = NOBODY;
	hold_end(hold);
}

void model_grant(struct model *model, struct hold *hold)
{
	hold->stage = HELD;
	hold->granted = ++model->grants;
	if (hold->lease)
		return;
	hold->copies[hold->opener] = 1;
	model_answer(model, hold->opener, 0);
	model->workers[hold->opener].waits = NOBODY;
}

void model_settle(struct model *model)
{
	const struct hold *next;

	for (uint64_t after = 0; (next = model_waiter(model, ALL, after));) {
		struct hold *hold = &model->holds[next - model->holds];

		after = hold->arrival;
		if (frozen(model, hold) && !hold->ask.frozen_wait)
			model_refuse(model, hold, EBUSY);
		else if (!frozen(model, hold) && fits_all(model, hold))
			model_grant(model, hold);
	}
}

const struct hold *model_lease(const struct model *model, int name)
{
	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == HELD && h->lease && hold_is_of(h, name))
			return h;
	return NULL;
}

bool hold_is_family(const struct model *model, int worker, const struct hold *hold)
{
	for (; worker != NOBODY; worker = model->workers[worker].parent)
		if (hold->opener == worker)
			return true;
	return false;
}

int model_family(const struct model *model, int worker, int name)
{
	int count = 0;

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		count += h->stage == HELD && hold_is_of(h, name) && !h->lease &&
			hold_is_family(model, worker, h);
	return count;
}
