/* See rules.h: what is done to leases/. */
#include <errno.h>
#include <string.h>

#include "rules.h"

static const char *label_of(const struct model *model, const struct act *act)
{
	return act->label[0] ? act->label : model->users[model->workers[act->worker].user];
}

void do_take(struct model *model, const struct act *act)
{
	struct hold *lease = &model->holds[act->hold];

	if (model->freezes[act->name].on || model->freezes[ALL].on) {
		model_answer(model, act->worker, EBUSY);
	} else if (model_holder(model, act->name, 0)) {
		model_answer(model, act->worker, EEXIST);
	} else if (model_waiter(model, act->name, 0)) {
		model_answer(model, act->worker, EAGAIN);
	} else if (act->wrong) {
		model_answer(model, act->worker, EINVAL);
		model->grants++;
	} else {
		model_answer(model, act->worker, 0);
		*lease = (struct hold){.lease = true, .ask.names = 1U << act->name};
		lease->ask.ttl_ms = DEFAULT_MS;
		lease->user = model->workers[act->worker].user;
		lease->pid = model->workers[act->worker].pid;
		lease->opener = act->worker;
		names_of(model, lease->ask.names, lease->names);
		strcpy(lease->label, label_of(model, act));
		model_grant(model, lease);
		hold_renew(lease, act->ms);
	}
}

void do_extend(struct model *model, const struct act *act)
{
	struct hold *lease = lease_of(model, act->name);

	if (!lease) {
		model_answer(model, act->worker, ENOENT);
	} else if (lease->user != model->workers[act->worker].user ||
		strcmp(lease->label, label_of(model, act)) != 0) {
		model_answer(model, act->worker, EPERM);
	} else if (act->wrong) {
		model_answer(model, act->worker, EINVAL);
	} else {
		model_answer(model, act->worker, 0);
		hold_renew(lease, act->ms);
	}
}

/* Whether the worker may remove the lease: it is his, or he may break another user's, whose label
 * he does not name wrong. */
static bool may_drop(const struct model *model, const struct act *act, const struct hold *lease)
{
	if (lease->user == model->workers[act->worker].user)
		return strcmp(lease->label, label_of(model, act)) == 0;
	return model_privileged(model, act->worker) &&
		(!act->label[0] || strcmp(lease->label, act->label) == 0);
}

void do_drop(struct model *model, const struct act *act)
{
	struct hold *lease = lease_of(model, act->name);

	if (!lease)
		model_answer(model, act->worker, ENOENT);
	else if (!may_drop(model, act, lease))
		model_answer(model, act->worker, EPERM);
	else {
		model_answer(model, act->worker, 0);
		hold_end(lease);
	}
}

void do_show(struct model *model, const struct act *act)
{
	model_answer(model, act->worker, model_lease(model, act->name) ? 0 : ENOENT);
}
