/* See model.h: what people do. */
#include <string.h>

#include "core/duration.h"
#include "model.h"

static bool same_user(const char *a, const char *b)
{
	size_t len = strcspn(a, "/");

	return strncmp(a, b, len) == 0 && (b[len] == '/' || b[len] == '\0');
}

static uint64_t ms_of(const char *ttl)
{
	uint64_t ms = 0;

	CHECK(duration_parse(ttl, strlen(ttl), &ms) == OK);
	return ms;
}

/* The first of those who hold one of these names: NULL: nobody. */
static struct asker *holder_of(struct model *model, unsigned names)
{
	struct asker *first = NULL;

	for (struct asker *a = model->askers; a < model->askers + model->count; a++)
		if (a->stage == STAGE_HOLDS && (a->names & names) &&
			(!first || a->token < first->token))
			first = a;
	return first;
}

/* Whether one of these names is in use with other slots. */
static bool slots_differ(const struct model *model, unsigned names, uint32_t slots)
{
	for (int i = 0; i < model->count; i++)
		if ((model->askers[i].names & names) && model->askers[i].asked.slots != slots)
			return true;
	return false;
}

/* A new asker, at the end. */
static struct asker *asker_add(struct model *model, const struct act *act)
{
	const struct spec_defaults none = {TIME_NONE, TIME_NONE};
	struct asker *asker = &model->askers[model->count++];

	CHECK(model->count < MODEL_ASKERS);
	*asker = (struct asker){.lease = act->kind == ACT_TAKE, .names = model_names(act->spec)};
	strcpy(asker->who, act->who);
	strcpy(asker->spec, act->spec);
	CHECK(spec_parse(act->spec, strlen(act->spec), &none, &asker->asked) == OK);
	if (!asker->asked.owner[0])
		strncpy(asker->asked.owner, act->who, strcspn(act->who, "/"));
	asker->gives_up = model_after(model, false, asker->asked.timeout_ms);
	return asker;
}

/* Whether two specs say the same, though perhaps the names in another order. */
static bool same_spec(const char *a, const char *b)
{
	return model_names(a) == model_names(b) &&
		strcmp(a + strcspn(a, "@"), b + strcspn(b, "@")) == 0;
}

/* The paused one who comes back: the same thread with the same spec, the longest paused. */
static struct asker *paused_find(struct model *model, const struct act *act)
{
	struct asker *found = NULL;

	for (struct asker *a = model->askers; a < model->askers + model->count; a++)
		if (a->stage == STAGE_PAUSED && strcmp(a->who, act->who) == 0 &&
			same_spec(a->spec, act->spec) && (!found || a->armed < found->armed))
			found = a;
	return found;
}

static void model_open(struct model *model, const struct act *act, uint64_t id)
{
	struct asker *asker = paused_find(model, act);

	if (!asker) {
		asker = asker_add(model, act);
		model->count--; /* until it is known that he may */
		if (slots_differ(model, asker->names, asker->asked.slots)) {
			model_answer(model, id, ERR_INVALID, 0);
			return;
		}
		model->count++;
	}
	asker->id = id;
	asker->stage = STAGE_WAITS;
	model_arm(model, asker, asker->gives_up);
	model_settle(model);
	if (!(asker = model_find(model, id)) || asker->stage != STAGE_WAITS ||
		asker->gives_up > model->now)
		return;
	model_answer(model, id, asker->asked.timeout_ms ? ERR_TIMEOUT : ERR_WOULD_WAIT, 0);
	model_remove(model, asker);
}

static void model_take(struct model *model, const struct act *act, uint64_t id)
{
	struct asker *asker = asker_add(model, act);
	enum err busy = holder_of(model, asker->names) ? ERR_EXISTS : ERR_WOULD_WAIT;

	if (model_frozen(model, asker->names))
		busy = ERR_FROZEN;
	asker->id = id;
	asker->until = NEVER;
	asker->asked.ttl_ms = ms_of(act->ttl);
	if (busy == ERR_WOULD_WAIT && !slots_differ(model, asker->names, 1))
		model_settle(model);
	if (!(asker = model_find(model, id)) || asker->stage == STAGE_HOLDS)
		return;
	model_answer(model, id, busy, 0);
	model_remove(model, asker);
}

/* Gives what is held a new TTL, or the last one again. */
static void renew(struct model *model, struct asker *asker, const struct act *act, uint64_t id)
{
	if (act->ttl)
		asker->asked.ttl_ms = ms_of(act->ttl);
	model_arm(model, asker, model_after(model, asker->lease, asker->asked.ttl_ms));
	model_answer(model, id, OK, 0);
}

static void model_renew(struct model *model, const struct act *act, uint64_t id)
{
	struct asker *asker = model_find(model, act->id);

	if (asker && asker->stage == STAGE_HOLDS)
		renew(model, asker, act, id);
	else
		model_answer(model, id, ERR_LOST, 0);
}

/* Whether somebody who may not break it would end it sooner. */
static bool cuts_short(struct model *model, const struct asker *asker, const struct act *act)
{
	const uint64_t ms = act->ttl ? ms_of(act->ttl) : asker->asked.ttl_ms;

	return strcmp(act->who, "root") != 0 && !same_user(act->who, asker->who) &&
		model_after(model, asker->lease, ms) < asker->until;
}

/* What a process of one of these users holds, else what the first of them has leased. */
static void model_renew_name(struct model *model, const struct act *act, uint64_t id)
{
	const unsigned name = model_names(act->spec);
	struct asker *found = NULL, *holder = holder_of(model, name);

	for (struct asker *a = model->askers; a < model->askers + model->count; a++)
		if (a->stage == STAGE_HOLDS && (a->names & name) && !strstr(a->who, "/0") &&
			(same_user(act->who, a->who) || same_user(act->parent, a->who)) &&
			(!found || a->token < found->token))
			found = a;
	if (!found && holder && holder->lease && same_user(act->who, holder->who))
		found = holder;
	if (found && !cuts_short(model, found, act))
		renew(model, found, act, id);
	else
		model_answer(model, id, holder ? ERR_PERMISSION : ERR_ABSENT, 0);
}

/* What somebody does with a lease that is there, or not. */
static void model_lease(struct model *model, const struct act *act, uint64_t id)
{
	const char *label = strchr(act->spec, '=');
	struct asker *asker = holder_of(model, model_names(act->spec));
	bool mine, breaks;

	if (!asker || !asker->lease) {
		model_answer(model, id, ERR_ABSENT, 0);
		return;
	}
	mine = same_user(act->who, asker->who) &&
		(label ? strcmp(label + 1, asker->asked.owner) == 0
		       : same_user(act->who, asker->asked.owner));
	breaks = act->kind == ACT_REMOVE && strcmp(act->who, "root") == 0 &&
		!same_user(act->who, asker->who) &&
		(!label || strcmp(label + 1, asker->asked.owner) == 0);
	if (!mine && !breaks) {
		model_answer(model, id, ERR_PERMISSION, 0);
	} else if (act->kind == ACT_TOUCH) {
		renew(model, asker, act, id);
	} else {
		model_answer(model, id, OK, 0);
		if (act->kind == ACT_REMOVE)
			model_remove(model, asker);
	}
}

/* A descriptor is gone, or the process that a hold is bound to. */
static void model_end(struct model *model, const struct act *act)
{
	struct asker *asker = model_find(model, act->id);

	if (asker)
		model_remove(model, asker);
}

static void model_interrupt(struct model *model, uint64_t id)
{
	struct asker *asker = model_find(model, id);

	if (!asker || asker->stage != STAGE_WAITS)
		return;
	model_answer(model, id, ERR_INTERRUPTED, 0);
	if (strstr(asker->who, "/0")) {
		model_remove(model, asker);
	} else {
		asker->stage = STAGE_PAUSED;
		model_arm(model, asker, model->now + 1000);
	}
}

static void model_break(struct model *model, const struct act *act, uint64_t id)
{
	const unsigned names = model_names(act->spec);
	struct asker *holder = NULL;
	enum err err = OK;

	for (struct asker *a = model->askers; a < model->askers + model->count; a++)
		if (a->stage == STAGE_HOLDS && a->token == act->token && !(names & ~a->names))
			holder = a;
	if (act->token == 0)
		err = holder_of(model, names) ? ERR_HELD : ERR_ABSENT;
	else if (!holder)
		err = ERR_LOST;
	else if (strcmp(act->who, "root") != 0 && !same_user(act->who, holder->who))
		err = ERR_PERMISSION;
	else
		model_remove(model, holder);
	model_answer(model, id, err, 0);
}

/* Whether this user holds the name, alone or with others. */
static bool user_holds(const struct model *model, const char *who, unsigned names)
{
	for (int i = 0; i < model->count; i++)
		if (model->askers[i].stage == STAGE_HOLDS && (model->askers[i].names & names) &&
			same_user(who, model->askers[i].who))
			return true;
	return false;
}

static void model_freeze(struct model *model, const struct act *act, uint64_t id)
{
	const bool all = act->spec[0] == '@';
	struct frozen *frozen = &model->frozen[all ? MODEL_NAMES : act->spec[4] - '0'];
	bool may = strcmp(act->who, "root") == 0 ||
		user_holds(model, act->who, model_names(act->spec));

	if (act->kind == ACT_UNFREEZE && frozen->thaws == NEVER) {
		model_answer(model, id, ERR_ABSENT, 0);
		return;
	}
	may |= act->kind == ACT_UNFREEZE && same_user(act->who, frozen->by);
	model_answer(model, id, may ? OK : ERR_PERMISSION, 0);
	if (!may)
		return;
	frozen->thaws = act->kind == ACT_FREEZE ? model_after(model, true, ms_of(act->ttl)) : NEVER;
	frozen->armed = ++model->arms;
	strcpy(frozen->by, act->who);
}

void model_do(struct model *model, const struct act *act, uint64_t id)
{
	model->n_answers = 0;
	switch (act->kind) {
	case ACT_OPEN: model_open(model, act, id); break;
	case ACT_CLOSE:
	case ACT_DIE:
	case ACT_PRUNE: model_end(model, act); break;
	case ACT_RENEW: model_renew(model, act, id); break;
	case ACT_RENEW_NAME: model_renew_name(model, act, id); break;
	case ACT_INTERRUPT: model_interrupt(model, act->id); break;
	case ACT_BREAK: model_break(model, act, id); break;
	case ACT_TAKE: model_take(model, act, id); break;
	case ACT_TOUCH:
	case ACT_REOPEN:
	case ACT_REMOVE: model_lease(model, act, id); break;
	case ACT_FREEZE:
	case ACT_UNFREEZE: model_freeze(model, act, id); break;
	case ACT_ADVANCE: model_advance(model, act->ms); break;
	case ACT_STALL: model->now += act->ms; return;
	case ACT_SUSPEND: model->slept += act->ms; break;
	case ACTS: break;
	}
	model_settle(model);
	model_fire(model);
}
