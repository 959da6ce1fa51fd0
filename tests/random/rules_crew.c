/* See rules.h: what becomes of the crew, and of what it holds. */
#include "rules.h"

void do_spawn(struct model *model, const struct act *act)
{
	model->workers[act->worker] = (struct worker){
		.alive = true, .user = act->user, .parent = NOBODY, .waits = NOBODY};
}

void do_fork(struct model *model, const struct act *act)
{
	struct worker *child = &model->workers[act->other];

	*child = model->workers[act->worker];
	child->parent = act->worker;
	for (int i = 0; i < HOLDS; i++)
		model->holds[i].copies[act->other] = model->holds[i].copies[act->worker];
	model_answer(model, act->worker, 0);
}

/* What the death of `worker` leaves of a hold. */
static void hold_orphan(struct hold *hold, int worker)
{
	int left = 0;

	if (hold->stage != HELD && hold->stage != LOST)
		return;
	if (hold->opener == worker) {
		hold->opener = NOBODY;
		if (hold->ask.bind_pid && hold->stage == HELD)
			hold->stage = LOST;
	}
	hold->copies[worker] = 0;
	for (int i = 0; i < WORKERS; i++)
		left += hold->copies[i];
	if (left == 0 && !hold->lease)
		hold_end(hold);
}

void do_die(struct model *model, const struct act *act)
{
	struct worker *worker = &model->workers[act->worker];

	for (int name = 0; worker->waits != NOBODY && name < NAMES; name++)
		if (hold_is_of(&model->holds[worker->waits], name))
			model->ghosts[name] = ask_slots(&model->holds[worker->waits].ask);
	if (worker->waits != NOBODY)
		hold_end(&model->holds[worker->waits]);
	for (int i = 0; i < HOLDS; i++)
		hold_orphan(&model->holds[i], act->worker);
	for (int i = 0; i < WORKERS; i++)
		if (model->workers[i].parent == act->worker)
			model->workers[i].parent = NOBODY;
	*worker = (struct worker){.waits = NOBODY, .parent = NOBODY};
}

void ghosts_leave(struct model *model)
{
	for (int name = 0; name < NAMES; name++) {
		if (!model->ghosts[name] || model->freezes[name].on ||
			model_holder(model, name, 0) || model_waiter(model, name, 0))
			continue;
		model->ghosts[name] = 0;
		model->generations[name]++;
	}
}
