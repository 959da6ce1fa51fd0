/* See rules.h: what is done to locks/ and to the file renew. */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool model_privileged(const struct model *model, int worker)
{
	const int user = model->workers[worker].user;

	return user == 0 || user == ADMIN;
}

void names_of(const struct model *model, unsigned names, char text[TEXT_MAX])
{
	char name[16], *at = text;

	*text = '\0';
	for (int i = 0; i < NAMES; i++)
		if (names >> i & 1)
			at += sprintf(at, "%s%s", at > text ? "+" : "", model_name(model, i, name));
}

void hold_renew(struct hold *hold, uint64_t ms)
{
	hold->renewals++;
	if (ms)
		hold->ask.ttl_ms = ms;
	if (ms == BRIEF_MS)
		hold_lose(hold);
}

struct hold *lease_of(struct model *model, int name)
{
	const struct hold *lease = model_lease(model, name);

	return lease ? &model->holds[lease - model->holds] : NULL;
}

/* "every user of the name must say the same N while it is in use" */
static bool agrees(const struct model *model, const struct ask *ask)
{
	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if ((h->stage == WAITS || h->stage == HELD) && (h->ask.names & ask->names) &&
			ask_slots(&h->ask) != ask_slots(ask))
			return false;
	return true;
}

static void do_open(struct model *model, const struct act *act)
{
	struct worker *worker = &model->workers[act->worker];
	struct hold *hold = &model->holds[act->hold];

	if (act->ask.wrong || !agrees(model, &act->ask)) {
		model_answer(model, act->worker, EINVAL);
		return;
	}
	*hold = (struct hold){.stage = WAITS, .ask = act->ask, .opener = act->worker};
	hold->arrival = ++model->arrivals;
	hold->user = worker->user;
	hold->pid = worker->pid;
	strcpy(hold->label, act->ask.label[0] ? act->ask.label : model->users[hold->user]);
	names_of(model, hold->ask.names, hold->names);
	worker->waits = act->hold;
	model_settle(model);
	if (hold->stage == WAITS && act->ask.patience == BRIEFLY)
		model_refuse(model, hold, ETIMEDOUT);
	else if (hold->stage == WAITS && act->ask.patience >= TRY)
		model_refuse(model, hold, EAGAIN);
	else if (hold->stage == HELD && act->ask.ttl_ms == BRIEF_MS)
		hold_lose(hold);
}

/* Passed over for a moment, and then at his place again. */
static void do_signal(struct model *model, const struct act *act)
{
	struct hold *hold = &model->holds[model->workers[act->worker].waits];

	hold->stage = PAUSED;
	model_settle(model);
	hold->stage = WAITS;
}

static void do_close(struct model *model, const struct act *act)
{
	struct hold *hold = &model->holds[act->hold];
	int left = 0;

	hold->copies[act->worker]--;
	for (int i = 0; i < WORKERS; i++)
		left += hold->copies[i];
	if (left == 0)
		hold_end(hold);
	model_answer(model, act->worker, 0);
}

static void do_renew(struct model *model, const struct act *act)
{
	struct hold *hold = &model->holds[act->hold];

	model_answer(model, act->worker, act->wrong ? EINVAL : hold->stage == LOST ? ESTALE : 0);
	if (hold->stage == HELD && !act->wrong)
		hold_renew(hold, act->ms);
}

static void do_renew_name(struct model *model, const struct act *act)
{
	const int user = model->workers[act->worker].user;
	struct hold *lease = lease_of(model, act->name), *own = NULL;

	for (struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == HELD && hold_is_of(h, act->name) && !h->lease &&
			hold_is_family(model, act->worker, h))
			own = h;
	if (!own && lease && lease->user == user)
		own = lease;
	if (own)
		model_answer(model, act->worker, 0);
	else
		model_answer(
			model, act->worker, model_holder(model, act->name, 0) ? EPERM : ENOENT);
	if (own)
		hold_renew(own, act->ms);
}

static void do_break(struct model *model, const struct act *act)
{
	struct hold *found = NULL;

	for (struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == HELD && h->token == act->token &&
			(h->ask.names & act->ask.names) == act->ask.names)
			found = h;
	if (!found) {
		model_answer(model, act->worker, ESTALE);
	} else if (!model_privileged(model, act->worker) &&
		found->user != model->workers[act->worker].user) {
		model_answer(model, act->worker, EPERM);
	} else {
		model_answer(model, act->worker, 0);
		hold_lose(found);
	}
}

static void do_remove(struct model *model, const struct act *act)
{
	int err = ENOENT;

	for (int name = 0; name < NAMES; name++)
		if ((act->ask.names >> name & 1) && model_holder(model, name, 0))
			err = EBUSY;
	model_answer(model, act->worker, err);
}

/* Reading and copying descriptors changes nothing. */
static void do_look(struct model *model, const struct act *act)
{
	if (act->kind == ACT_DUP)
		model->holds[act->hold].copies[act->worker]++;
	model_answer(model, act->worker, 0);
}

void model_do(struct model *model, const struct act *act)
{
	static void (*const does[ACTS])(struct model *, const struct act *) = {
		[ACT_SPAWN] = do_spawn,
		[ACT_FORK] = do_fork,
		[ACT_DIE] = do_die,
		[ACT_SIGNAL] = do_signal,
		[ACT_OPEN] = do_open,
		[ACT_DUP] = do_look,
		[ACT_CLOSE] = do_close,
		[ACT_RENEW] = do_renew,
		[ACT_READ] = do_look,
		[ACT_POLL] = do_look,
		[ACT_RENEW_NAME] = do_renew_name,
		[ACT_BREAK] = do_break,
		[ACT_REMOVE] = do_remove,
		[ACT_FREEZE] = do_freeze,
		[ACT_UNFREEZE] = do_unfreeze,
		[ACT_TAKE] = do_take,
		[ACT_EXTEND] = do_extend,
		[ACT_TOUCH] = do_extend,
		[ACT_DROP] = do_drop,
		[ACT_SHOW] = do_show,
	};

	model->n_answers = 0;
	does[act->kind](model, act);
	model_settle(model);
	ghosts_leave(model);
}
