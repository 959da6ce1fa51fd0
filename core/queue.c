/* See queue.h. First come, first served; who is paused is passed over and never waited for. */
#include "queue.h"

#include "denial.h"
#include "hold.h"
#include "state.h"

bool lock_compatible(const struct lock *lock, const struct claim *claim)
{
	if (lock->holding == 0)
		return true;
	const struct claim *holder = container_of(lock->holders.next, struct link, place)->claim;

	if (claim->mode == MODE_SHARED)
		return holder->mode == MODE_SHARED;
	return holder->mode == MODE_EXCLUSIVE && lock->holding < claim->slots;
}

const struct claim *lock_first_waiting(const struct lock *lock)
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

		if (!lock_compatible(lock, claim) || lock_first_waiting(lock) != claim)
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
	const uint64_t now_ns = engine->now.mono_ns;
	/* A tick may be older than the request. */
	const uint64_t waited_ns = now_ns > claim->queued_ns ? now_ns - claim->queued_ns : 0;

	claim_set_state(engine, claim, CLAIM_HELD);
	claim->token = engine->next_token++;
	claim->acquired_ns = claim_clock(claim, &engine->now);
	claim->acquired_wall_ms = engine->now.wall_ms;
	claim_arm(engine, claim);
	engine->counters.grants++;

	struct record *record = claim_record(claim, fx, RECORD_ACQUIRE, &engine->now);

	record->waited_ms = waited_ns / 1000000;
	record->at_ns = claim->acquired_ns;
	effects_answer_logged(fx, claim->request, claim->id, OK);
	if (claim->kind == HOLD_LEASE)
		claim->request = NULL;
}

void claim_deny(struct engine *engine, struct claim *claim, enum err err, enum reason reason,
	const char *more, struct effects *fx)
{
	char names[SPEC_MAX + 1];
	struct actor who = {.process = claim->process,
		.tid = claim->tid,
		.uid = claim->user->uid,
		.owner = claim->owner};

	claim_names(claim, names);
	const bool logged = reason != REASON_NONE && deny(engine, names, &who, reason, more, fx);

	if (claim->state == CLAIM_WAITING && logged)
		effects_answer_logged(fx, claim->request, claim->id, err);
	else if (claim->state == CLAIM_WAITING)
		effects_answer(fx, claim->request, claim->id, err);
	claim_destroy(engine, claim);
}

/* Denies a claim for a limit that its user has reached. */
static void claim_deny_limit(
	struct engine *engine, struct claim *claim, enum limit limit, struct effects *fx)
{
	claim_deny(engine, claim, ERR_LIMIT, REASON_LIMIT, limit_member(limit), fx);
}

/* Grants the claim, unless a limit forbids it or it could not be logged. */
static void grant_or_deny(struct engine *engine, struct claim *claim, struct effects *fx)
{
	enum limit limit = claim->kind == HOLD_LEASE ? LIMIT_LEASES : LIMIT_HOLDS;

	if (engine->log_failed || engine_tokens_left(engine) == 0)
		claim_deny(engine, claim, ERR_LOG, REASON_NONE, NULL, fx);
	else if (!user_may(engine, claim->user, limit, 1))
		claim_deny_limit(engine, claim, limit, fx);
	else
		grant(engine, claim, fx);
}

bool claim_settle(struct engine *engine, struct claim *claim, struct effects *fx)
{
	bool frozen = claim_frozen(engine, claim);

	if (engine->stopping)
		claim_deny(engine, claim, ERR_STOPPING, REASON_CANCELLED, NULL, fx);
	else if (frozen && !claim->frozen_wait)
		claim_deny(engine, claim, ERR_FROZEN, REASON_FROZEN, NULL, fx);
	else if (frozen || !claim_admissible(claim))
		return false;
	else
		grant_or_deny(engine, claim, fx);
	return true;
}

/* Goes through one queue, as far as there is room: whatever uses that up has the lock looked at again. */
static void lock_run(struct engine *engine, struct lock *lock, struct effects *fx)
{
	list_each(item, following, &lock->waiters)
	{
		struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->state == CLAIM_PAUSED)
			continue;
		if (!effects_room(fx))
			return;
		/* Who waits for a thaw of this name holds nobody back: all of them are frozen. */
		if (!claim_settle(engine, claim, fx) && !freeze_of(engine, lock))
			break;
	}
}

void queue_run(struct engine *engine, struct effects *fx)
{
	while (!list_empty(&engine->dirty) && effects_room(fx)) {
		struct lock *lock = container_of(engine->dirty.next, struct lock, dirty);

		list_remove(&lock->dirty);
		lock->links++; /* its last user may go on the way */
		lock_run(engine, lock, fx);
		lock->links--;
		lock_put(engine, lock);
	}
}

/* A claim as the event asks for it, at the end of its queues. An error of claim_create(). */
static enum err claim_from(struct engine *engine, const struct event *event, struct claim **created)
{
	const struct spec *spec = event->spec;
	const struct claim_form form = {.names = spec->names,
		.owner = event->who.owner,
		.uid = event->who.uid,
		.slots = spec->slots};
	enum err err = claim_create(engine, &form, created);

	if (err != OK)
		return err;
	struct claim *claim = *created;

	claim->kind = event->kind == EVENT_LEASE_TAKE ? HOLD_LEASE : HOLD_OPEN;
	claim->mode = spec->mode;
	claim->bind = spec->bind;
	claim->frozen_wait = spec->frozen_wait;
	claim->process = event->who.process;
	claim->tid = event->who.tid;
	claim->ttl_ms = spec->ttl_ms;
	claim->queued_ns = event->now.mono_ns;
	claim->wait_until_ns = deadline_after(event->now.mono_ns, spec->timeout_ms);
	return OK;
}

/* Has those told who hold what the claim waits for, where it is the first that waits. */
static void holders_notice(struct engine *engine, const struct claim *claim)
{
	for (uint32_t i = 0; i < claim->links; i++) {
		const struct lock *lock = claim->link[i].lock;

		if (lock_first_waiting(lock) != claim)
			continue;
		list_each(item, following, &lock->holders)
			claim_notice(engine, container_of(item, struct link, place)->claim);
	}
}

/* The claim goes on waiting: for so long, and under suspicion of a deadlock after a while. */
static void claim_wait(struct engine *engine, struct claim *claim)
{
	timer_set(&engine->timers, &claim->timer, claim->wait_until_ns);
	claim->looks = 0;
	if (engine->settings.deadlock_ms != TIME_NONE)
		list_add_before(&engine->patient[0], &claim->attention);
	holders_notice(engine, claim);
}

/* Queues the claim, or denies it where it may not wait. */
static void wait_or_deny(struct engine *engine, struct claim *claim, struct effects *fx)
{
	bool lease = claim->kind == HOLD_LEASE;

	if (lease && claim->link[0].lock->holding > 0)
		claim_deny(engine, claim, ERR_EXISTS, REASON_HELD, NULL, fx);
	else if (lease || claim->wait_until_ns == claim->queued_ns)
		claim_deny(engine, claim, ERR_WOULD_WAIT,
			claim_admissible(claim) ? REASON_FROZEN : REASON_HELD, NULL, fx);
	else if (claim->wait_until_ns <= engine->now.mono_ns)
		claim_deny(engine, claim, ERR_TIMEOUT, REASON_TIMEOUT, NULL, fx);
	else if (!user_may(engine, claim->user, LIMIT_WAITERS, 0))
		claim_deny_limit(engine, claim, LIMIT_WAITERS, fx);
	else
		claim_wait(engine, claim);
}

/* Refuses a lease on a name that is in use by slots, as on any other. */
static enum err lease_refuse(struct engine *engine, const struct event *event, struct effects *fx)
{
	const struct lock *lock = lock_find(engine, event->spec->names);
	const bool frozen = freeze_of(engine, lock);

	deny(engine, event->spec->names, &event->who, frozen ? REASON_FROZEN : REASON_HELD, NULL,
		fx);
	if (frozen)
		return ERR_FROZEN;
	return lock->holding > 0 ? ERR_EXISTS : ERR_WOULD_WAIT;
}

void acquire(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = event->kind == EVENT_ACQUIRE ? claim_paused_as(engine, event) : NULL;
	enum err err = engine->log_failed ? ERR_LOG : OK;

	if (err == OK && claim)
		claim_set_state(engine, claim, CLAIM_WAITING);
	else if (err == OK)
		err = claim_from(engine, event, &claim);
	if (err == ERR_INVALID && event->kind == EVENT_LEASE_TAKE)
		err = lease_refuse(engine, event, fx);
	if (err != OK) {
		effects_answer(fx, event->request, event->id, err);
		return;
	}
	claim->request = event->request;
	claim_index(engine, claim, event->id);
	if (!user_may(engine, claim->user, LIMIT_NAMES, 0))
		claim_deny_limit(engine, claim, LIMIT_NAMES, fx);
	else if (!claim_settle(engine, claim, fx))
		wait_or_deny(engine, claim, fx);
}

void requeue(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim;
	enum err err = claim_from(engine, event, &claim);

	if (err != OK) {
		if (event->request)
			effects_answer(fx, event->request, event->id, err);
		return;
	}
	claim->queued_ns = event->since_ns;
	claim->wait_until_ns = deadline_after(event->since_ns, event->spec->timeout_ms);
	claim->request = event->request;
	claim_index(engine, claim, event->id);
	if (event->request) {
		claim_wait(engine, claim);
		for (uint32_t i = 0; i < claim->links; i++)
			lock_touch(engine, claim->link[i].lock);
	} else {
		claim_set_state(engine, claim, CLAIM_PAUSED);
		timer_set(&engine->timers, &claim->timer, event->until_ns);
	}
}

void interrupt(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim || claim->state != CLAIM_WAITING)
		return;
	if (claim->tid == 0) { /* nobody could be recognised on coming back */
		claim_deny(engine, claim, ERR_INTERRUPTED, REASON_CANCELLED, NULL, fx);
		return;
	}
	effects_answer(fx, claim->request, claim->id, ERR_INTERRUPTED);
	claim->request = NULL;
	claim_set_state(engine, claim, CLAIM_PAUSED);
	timer_set(&engine->timers, &claim->timer, deadline_after(engine->now.mono_ns, GRACE_MS));
}

void claim_due(struct engine *engine, struct claim *claim, struct effects *fx)
{
	if (claim->state == CLAIM_WAITING) {
		claim_deny(engine, claim, ERR_TIMEOUT, REASON_TIMEOUT, NULL, fx);
	} else if (claim->state == CLAIM_PAUSED) {
		claim_deny(engine, claim, ERR_INTERRUPTED, REASON_CANCELLED, NULL, fx);
	} else { /* it holds: what is lost has no timer */
		claim_record(claim, fx, RECORD_STALE_BREAK, &engine->now);
		engine->counters.expired++;
		hold_lose(engine, claim);
	}
}
