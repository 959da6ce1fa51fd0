/* See queue.h. First come, first served; who is paused is passed over and never waited for. */
#include "queue.h"

#include "denial.h"
#include "state.h"

#define GRACE_MS 1000 /* how long an interrupted waiter's place is kept: the contract's EINTR */

/* Whether this lock's holders leave room for the claim. */
static bool compatible(const struct lock *lock, const struct claim *claim)
{
	if (lock->holding == 0)
		return true;
	const struct claim *holder = container_of(lock->holders.next, struct link, place)->claim;

	if (claim->mode == MODE_SHARED)
		return holder->mode == MODE_SHARED;
	return holder->mode == MODE_EXCLUSIVE && lock->holding < claim->slots;
}

/* The first in the queue who is not paused. */
static const struct claim *first_waiting(const struct lock *lock)
{
	list_each(item, following, &lock->waiters)
	{
		const struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->state == CLAIM_WAITING)
			return claim;
	}
	return NULL;
}

bool claim_admissible(const struct claim *claim)
{
	for (uint32_t i = 0; i < claim->links; i++) {
		const struct lock *lock = claim->link[i].lock;

		if (!compatible(lock, claim) || first_waiting(lock) != claim)
			return false;
	}
	return true;
}

static bool claim_frozen(const struct engine *engine, const struct claim *claim)
{
	for (uint32_t i = 0; i < claim->links; i++)
		if (freeze_of(engine, claim->link[i].lock))
			return true;
	return false;
}

static void grant(struct engine *engine, struct claim *claim, struct effects *fx)
{
	claim_set_state(engine, claim, CLAIM_HELD);
	claim->token = engine->next_token++;
	claim->acquired_ns = engine->now.mono_ns;
	claim->acquired_wall_ms = engine->now.wall_ms;
	timer_set(&engine->timers, &claim->timer, claim_deadline(claim));
	engine->counters.grants++;

	struct record *record = claim_record(claim, fx, RECORD_ACQUIRE, &engine->now);

	if (engine->now.mono_ns > claim->queued_ns) /* a tick may be older than the request */
		record->waited_ms = (engine->now.mono_ns - claim->queued_ns) / 1000000;
	record->at_ns = claim->acquired_ns;
	effects_answer_logged(fx, claim->request, claim->id, OK);
	claim->request = NULL;
}

void claim_deny(struct engine *engine, struct claim *claim, enum err err, enum reason reason,
	struct effects *fx)
{
	char names[SPEC_MAX + 1];
	struct actor who = {.process = claim->process,
		.tid = claim->tid,
		.uid = claim->uid,
		.owner = claim->owner};

	claim_names(claim, names);
	if (reason != REASON_NONE)
		deny(engine, names, &who, reason, fx);
	if (claim->state == CLAIM_WAITING)
		effects_answer(fx, claim->request, claim->id, err);
	claim_destroy(engine, claim);
}

/* Grants or refuses the claim if the moment has come; false while it goes on waiting. */
static bool settle(struct engine *engine, struct claim *claim, struct effects *fx)
{
	if (engine->stopping)
		claim_deny(engine, claim, ERR_STOPPING, REASON_CANCELLED, fx);
	else if (claim_frozen(engine, claim) && !claim->frozen_wait)
		claim_deny(engine, claim, ERR_FROZEN, REASON_FROZEN, fx);
	else if (claim_frozen(engine, claim) || !claim_admissible(claim))
		return false;
	else if (engine->log_failed || engine_tokens_left(engine) == 0)
		claim_deny(engine, claim, ERR_LOG, REASON_NONE, fx);
	else
		grant(engine, claim, fx);
	return true;
}

/* Goes through one queue; false if it had to stop for want of room. */
static bool lock_run(struct engine *engine, struct lock *lock, struct effects *fx)
{
	list_each(item, following, &lock->waiters)
	{
		struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->state == CLAIM_PAUSED)
			continue;
		if (!effects_room(fx))
			return false;
		/* Who waits for a thaw of this name holds nobody back: all of them are frozen. */
		if (!settle(engine, claim, fx) && !freeze_of(engine, lock))
			break;
	}
	return true;
}

void queue_run(struct engine *engine, struct effects *fx)
{
	while (!list_empty(&engine->dirty) && effects_room(fx)) {
		struct lock *lock = container_of(engine->dirty.next, struct lock, dirty);

		list_remove(&lock->dirty);
		lock->links++; /* its last user may go on the way */
		bool done = lock_run(engine, lock, fx);

		lock->links--;
		if (!done)
			lock_touch(engine, lock);
		lock_put(engine, lock);
	}
}

/* A claim as the event asks for it, at the end of its queues; NULL when there is no memory. */
static struct claim *claim_from(struct engine *engine, const struct event *event)
{
	const struct spec *spec = event->spec;
	struct claim *claim = claim_create(engine, spec->names, event->who.owner);

	if (!claim)
		return NULL;
	claim->mode = spec->mode;
	claim->frozen_wait = spec->frozen_wait;
	claim->slots = spec->slots;
	claim->process = event->who.process;
	claim->tid = event->who.tid;
	claim->uid = event->who.uid;
	claim->ttl_ms = spec->ttl_ms;
	claim->timeout_ms = spec->timeout_ms;
	claim->queued_ns = event->now.mono_ns;
	claim->wait_until_ns = deadline_after(event->now.mono_ns, spec->timeout_ms);
	return claim;
}

void acquire(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_paused_as(engine, event);

	if (engine->log_failed) {
		effects_answer(fx, event->request, event->id, ERR_LOG);
		return;
	}
	if (claim)
		claim_set_state(engine, claim, CLAIM_WAITING);
	else if (!(claim = claim_from(engine, event))) {
		effects_answer(fx, event->request, event->id, ERR_NO_MEMORY);
		return;
	}
	claim->request = event->request;
	claim_index(engine, claim, event->id);
	if (settle(engine, claim, fx))
		return;
	if (claim->timeout_ms == 0)
		claim_deny(engine, claim, ERR_WOULD_WAIT, REASON_HELD, fx);
	else if (claim->wait_until_ns <= engine->now.mono_ns)
		claim_deny(engine, claim, ERR_TIMEOUT, REASON_TIMEOUT, fx);
	else
		timer_set(&engine->timers, &claim->timer, claim->wait_until_ns);
}

void interrupt(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim || claim->state != CLAIM_WAITING)
		return;
	if (claim->tid == 0) { /* nobody could be recognised on coming back */
		claim_deny(engine, claim, ERR_INTERRUPTED, REASON_CANCELLED, fx);
		return;
	}
	effects_answer(fx, claim->request, claim->id, ERR_INTERRUPTED);
	claim->request = NULL;
	claim_set_state(engine, claim, CLAIM_PAUSED);
	timer_set(&engine->timers, &claim->timer, deadline_after(engine->now.mono_ns, GRACE_MS));
}

void claim_due(struct engine *engine, struct claim *claim, struct effects *fx)
{
	switch (claim->state) {
	case CLAIM_WAITING: claim_deny(engine, claim, ERR_TIMEOUT, REASON_TIMEOUT, fx); break;
	case CLAIM_PAUSED: claim_deny(engine, claim, ERR_INTERRUPTED, REASON_CANCELLED, fx); break;
	case CLAIM_HELD:
		claim_record(claim, fx, RECORD_STALE_BREAK, &engine->now);
		engine->counters.expired++;
		claim_set_state(engine, claim, CLAIM_LOST);
		break;
	case CLAIM_LOST: break; /* has no timer */
	}
}
