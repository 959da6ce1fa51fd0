/* See model.h. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "core/duration.h"

#define NEVER UINT64_MAX
#define ALL (MODEL_NAMES - 1)

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	model->next_token = 1;
	for (int i = 0; i < MODEL_NAMES; i++)
		model->names[i].thaws = NEVER;
}

static void answer(struct model *model, uint64_t id, enum err err, uint64_t token)
{
	CHECK(model->n_answers < MODEL_ANSWERS);
	model->answers[model->n_answers++] = (struct outcome){id, token, err};
}

static uint64_t after(const struct model *model, uint64_t ms)
{
	return ms == TIME_NONE ? NEVER : model->now + ms;
}

static struct name *name_of(struct model *model, const char *spec)
{
	return &model->names[spec[0] == '@' ? ALL : spec[4] - '0'];
}

static void remove_at(struct name *name, int i)
{
	name->count--;
	memmove(&name->askers[i], &name->askers[i + 1],
		(size_t)(name->count - i) * sizeof(name->askers[0]));
}

static void arm(struct model *model, struct asker *asker, uint64_t until)
{
	asker->until = until;
	asker->armed = ++model->arms;
}

/* Gives the name to whom it belongs by now, and sends away whom a freeze forbids to wait. */
static void settle(struct model *model, struct name *name)
{
	bool frozen = name->thaws != NEVER || model->names[ALL].thaws != NEVER, held = false;

	for (int i = 0; i < name->count; i++)
		held |= name->askers[i].stage == STAGE_HOLDS;
	for (int i = 0; i < name->count; i++) {
		struct asker *asker = &name->askers[i];

		if (asker->stage != STAGE_WAITS)
			continue;
		if (frozen && !asker->asked.frozen_wait) {
			answer(model, asker->id, ERR_FROZEN, 0);
			remove_at(name, i--);
		} else if (!frozen && !held) {
			held = true;
			asker->stage = STAGE_HOLDS;
			asker->token = model->next_token++;
			arm(model, asker, after(model, asker->asked.ttl_ms));
			answer(model, asker->id, OK, asker->token);
		}
	}
}

static void settle_all(struct model *model)
{
	for (int i = 0; i < ALL; i++)
		settle(model, &model->names[i]);
}

/* What one deadline brings. */
static void asker_due(struct model *model, struct name *name, int i)
{
	struct asker *asker = &name->askers[i];

	if (asker->stage == STAGE_HOLDS) {
		asker->stage = STAGE_LOST;
		asker->until = NEVER;
	} else {
		if (asker->stage == STAGE_WAITS)
			answer(model, asker->id, ERR_TIMEOUT, 0);
		remove_at(name, i);
	}
	settle(model, name);
}

/* A deadline that has passed. */
struct due {
	struct name *name; /* NULL: there is none */
	int index;         /* of the asker; -1: the name's freeze */
	uint64_t late, armed;
};

/* Of two the one that fires first: the most overdue; of equals a thaw; then what was set first. */
static struct due sooner(struct due a, struct due b)
{
	if (!a.name || !b.name)
		return a.name ? a : b;
	if (a.late != b.late)
		return a.late > b.late ? a : b;
	if ((a.index < 0) != (b.index < 0))
		return a.index < 0 ? a : b;
	return a.armed < b.armed ? a : b;
}

static struct due due_find(struct model *model)
{
	uint64_t now = model->now, boot = model->now + model->slept;
	struct due due = {0};

	for (int n = 0; n < MODEL_NAMES; n++) {
		struct name *name = &model->names[n];

		if (name->thaws <= boot)
			due = sooner(due, (struct due){name, -1, boot - name->thaws, name->armed});
		for (int i = 0; i < name->count; i++) {
			const struct asker *a = &name->askers[i];

			if (a->until <= now)
				due = sooner(due, (struct due){name, i, now - a->until, a->armed});
		}
	}
	return due;
}

static void fire(struct model *model)
{
	struct due due;

	while ((due = due_find(model)).name) {
		if (due.index >= 0) {
			asker_due(model, due.name, due.index);
			continue;
		}
		due.name->thaws = NEVER;
		settle_all(model);
	}
}

/* The next deadline in milliseconds of the clock that stands still in sleep, but not after `end`. */
static uint64_t next_of(const struct model *model, uint64_t end)
{
	for (int n = 0; n < MODEL_NAMES; n++) {
		const struct name *name = &model->names[n];

		if (name->thaws != NEVER && name->thaws - model->slept < end)
			end = name->thaws - model->slept;
		for (int i = 0; i < name->count; i++)
			if (name->askers[i].until < end)
				end = name->askers[i].until;
	}
	return end;
}

static void model_advance(struct model *model, uint64_t ms)
{
	for (uint64_t end = model->now + ms; model->now < end; fire(model)) {
		fire(model);
		model->now = next_of(model, end);
	}
}

/* The paused one who comes back: the same thread with the same words, the longest paused. */
static struct asker *paused_find(struct name *name, const struct act *act)
{
	struct asker *found = NULL;

	for (int i = 0; i < name->count; i++) {
		struct asker *a = &name->askers[i];

		if (a->stage == STAGE_PAUSED && strcmp(a->who, act->who) == 0 &&
			strcmp(a->spec, act->spec) == 0 && (!found || a->armed < found->armed))
			found = a;
	}
	return found;
}

static struct asker *asker_find(struct model *model, uint64_t id, struct name **name)
{
	for (int n = 0; n < MODEL_NAMES; n++)
		for (int i = 0; i < model->names[n].count; i++)
			if (model->names[n].askers[i].id == id) {
				*name = &model->names[n];
				return &model->names[n].askers[i];
			}
	return NULL;
}

static void model_open(struct model *model, const struct act *act, uint64_t id)
{
	const struct spec_defaults none = {TIME_NONE, TIME_NONE};
	struct name *name = name_of(model, act->spec);
	struct asker *asker = paused_find(name, act);

	if (!asker) {
		CHECK(name->count < MODEL_QUEUE);
		asker = &name->askers[name->count++];
		*asker = (struct asker){.until = NEVER};
		strcpy(asker->who, act->who);
		strcpy(asker->spec, act->spec);
		CHECK(spec_parse(act->spec, strlen(act->spec), &none, &asker->asked) == OK);
		asker->gives_up = after(model, asker->asked.timeout_ms);
	}
	asker->id = id;
	asker->stage = STAGE_WAITS;
	arm(model, asker, asker->gives_up);
	settle(model, name);
	if (!(asker = asker_find(model, id, &name)) || asker->stage != STAGE_WAITS)
		return;
	if (asker->asked.timeout_ms == 0 || asker->gives_up <= model->now) {
		answer(model, id, asker->asked.timeout_ms ? ERR_TIMEOUT : ERR_WOULD_WAIT, 0);
		remove_at(name, (int)(asker - name->askers));
	}
}

static void model_close(struct model *model, uint64_t id)
{
	struct name *name;
	struct asker *asker = asker_find(model, id, &name);

	if (!asker)
		return;
	remove_at(name, (int)(asker - name->askers));
	settle(model, name);
}

static void model_renew(struct model *model, const struct act *act, uint64_t id)
{
	struct name *name;
	struct asker *asker = asker_find(model, act->id, &name);

	if (!asker || asker->stage != STAGE_HOLDS) {
		answer(model, id, ERR_LOST, 0);
		return;
	}
	if (act->ttl)
		CHECK(duration_parse(act->ttl, strlen(act->ttl), &asker->asked.ttl_ms) == OK);
	arm(model, asker, after(model, asker->asked.ttl_ms));
	answer(model, id, OK, 0);
}

static void model_interrupt(struct model *model, uint64_t id)
{
	struct name *name;
	struct asker *asker = asker_find(model, id, &name);

	if (!asker || asker->stage != STAGE_WAITS)
		return;
	answer(model, id, ERR_INTERRUPTED, 0);
	if (strstr(asker->who, "/0")) {
		remove_at(name, (int)(asker - name->askers));
	} else {
		asker->stage = STAGE_PAUSED;
		arm(model, asker, model->now + 1000);
	}
	settle(model, name);
}

static bool same_user(const char *a, const char *b)
{
	size_t len = strcspn(a, "/");

	return strncmp(a, b, len) == 0 && (b[len] == '/' || b[len] == '\0');
}

static struct asker *holder_of(struct name *name)
{
	for (int i = 0; i < name->count; i++)
		if (name->askers[i].stage == STAGE_HOLDS)
			return &name->askers[i];
	return NULL;
}

static void model_break(struct model *model, const struct act *act, uint64_t id)
{
	struct name *name = name_of(model, act->spec);
	struct asker *holder = holder_of(name);
	enum err err = OK;

	if (act->token == 0)
		err = holder ? ERR_HELD : ERR_ABSENT;
	else if (!holder || holder->token != act->token)
		err = ERR_LOST;
	else if (strcmp(act->who, "root") != 0 && !same_user(act->who, holder->who))
		err = ERR_PERMISSION;
	answer(model, id, err, 0);
	if (err != OK)
		return;
	holder->stage = STAGE_LOST;
	holder->until = NEVER;
	settle(model, name);
}

static void model_freeze(struct model *model, const struct act *act, uint64_t id)
{
	struct name *name = name_of(model, act->spec);
	struct asker *holder = holder_of(name);
	bool may = strcmp(act->who, "root") == 0 || (holder && same_user(act->who, holder->who));
	uint64_t ms = 0;

	if (act->kind == ACT_UNFREEZE && name->thaws == NEVER) {
		answer(model, id, ERR_ABSENT, 0);
		return;
	}
	may |= act->kind == ACT_UNFREEZE && same_user(act->who, name->frozen_by);
	answer(model, id, may ? OK : ERR_PERMISSION, 0);
	if (!may)
		return;
	if (act->kind == ACT_FREEZE) {
		CHECK(duration_parse(act->ttl, strlen(act->ttl), &ms) == OK);
		name->thaws = model->now + model->slept + ms;
		name->armed = ++model->arms;
		strcpy(name->frozen_by, act->who);
	} else {
		name->thaws = NEVER;
	}
	settle_all(model);
}

void model_do(struct model *model, const struct act *act, uint64_t id)
{
	model->n_answers = 0;
	switch (act->kind) {
	case ACT_OPEN: model_open(model, act, id); break;
	case ACT_CLOSE:
	case ACT_DIE: model_close(model, act->id); break;
	case ACT_RENEW: model_renew(model, act, id); break;
	case ACT_INTERRUPT: model_interrupt(model, act->id); break;
	case ACT_BREAK: model_break(model, act, id); break;
	case ACT_FREEZE:
	case ACT_UNFREEZE: model_freeze(model, act, id); break;
	case ACT_ADVANCE: model_advance(model, act->ms); break;
	case ACT_STALL: model->now += act->ms; return;
	case ACT_SUSPEND: model->slept += act->ms; break;
	case ACTS: break;
	}
	fire(model);
}
