/* See rules.h: what is done to freezes/. */
#include <errno.h>

#include "rules.h"

/* Whether the worker's user holds the name. */
static bool holds(const struct model *model, int worker, int name)
{
	const struct hold *h;

	for (uint64_t after = 0; name != ALL && (h = model_holder(model, name, after));
		after = h->granted)
		if (h->user == model->workers[worker].user)
			return true;
	return false;
}

void do_freeze(struct model *model, const struct act *act)
{
	const struct worker *worker = &model->workers[act->worker];
	struct freeze *freeze = &model->freezes[act->name];

	if (act->wrong ||
		(!model_privileged(model, act->worker) && !holds(model, act->worker, act->name))) {
		model_answer(model, act->worker, act->wrong ? EINVAL : EPERM);
		return;
	}
	model_answer(model, act->worker, 0);
	*freeze = (struct freeze){true, act->ms ? act->ms : DEFAULT_MS, worker->user, worker->pid};
	model_settle(model);
	if (act->ms == BRIEF_MS)
		freeze->on = false;
}

void do_unfreeze(struct model *model, const struct act *act)
{
	struct freeze *freeze = &model->freezes[act->name];

	if (!freeze->on) {
		model_answer(model, act->worker, ENOENT);
	} else if (!model_privileged(model, act->worker) && !holds(model, act->worker, act->name) &&
		freeze->user != model->workers[act->worker].user) {
		model_answer(model, act->worker, EPERM);
	} else {
		model_answer(model, act->worker, 0);
		freeze->on = false;
	}
}
