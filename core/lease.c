/* See lease.h. Taking one is acquire() in queue.c: it is a claim that never waits. */
#include "lease.h"

#include <string.h>

#include "denial.h"
#include "hold.h"
#include "state.h"

struct claim *lease_find(const struct engine *engine, const char *name)
{
	const struct lock *lock = lock_find(engine, name);

	if (!lock || lock->holding == 0)
		return NULL;
	struct claim *claim = container_of(lock->holders.next, struct link, place)->claim;

	return claim->kind == HOLD_LEASE ? claim : NULL;
}

static bool owns(const struct claim *claim, const struct event *event)
{
	return claim->user->uid == event->who.uid && strcmp(claim->owner, event->who.owner) == 0;
}

/* The lease that is meant, if its owner asks; NULL after an answer. */
static struct claim *lease_own(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = lease_find(engine, event->spec->names);

	if (!claim) {
		effects_answer(fx, event->request, event->id, ERR_ABSENT);
	} else if (!owns(claim, event)) {
		deny(engine, event->spec->names, &event->who, REASON_PERMISSION, NULL, fx);
		effects_answer(fx, event->request, event->id, ERR_PERMISSION);
		claim = NULL;
	}
	return claim;
}

void lease_open(struct engine *engine, const struct event *event, struct effects *fx)
{
	if (lease_own(engine, event, fx))
		effects_answer(fx, event->request, event->id, OK);
}

void lease_renew(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = lease_own(engine, event, fx);

	if (claim)
		claim_renew(engine, claim, event, fx);
}

/* Whether somebody with rights means this lease of another user: whatever its label, if he names none. */
static bool may_break(const struct claim *claim, const struct event *event)
{
	const char *label = event->spec->owner;

	return event->who.privileged && claim->user->uid != event->who.uid &&
		(!*label || strcmp(label, claim->owner) == 0);
}

void lease_remove(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = lease_find(engine, event->spec->names);

	if (claim && engine->log_failed) { /* it would be there again after a crash */
		effects_answer(fx, event->request, event->id, ERR_LOG);
		return;
	}
	if (claim && may_break(claim, event)) {
		hold_force_break(engine, claim, event, fx);
		return;
	}
	if (!(claim = lease_own(engine, event, fx)))
		return;
	claim_record(claim, fx, RECORD_RELEASE, &event->now);
	engine->counters.releases++;
	claim_destroy(engine, claim);
	effects_answer_logged(fx, event->request, event->id, OK);
}

uint64_t engine_lease(const struct engine *engine, const char *name)
{
	const struct claim *claim = lease_find(engine, name);

	return claim ? claim->id : 0;
}

void leases_by_wall(struct engine *engine)
{
	for (struct tree_node *n = tree_first(&engine->claims); n; n = tree_next(n)) {
		struct claim *claim = container_of(n, struct claim, index);

		if (claim->kind == HOLD_LEASE)
			claim_expire_at(engine, claim,
				deadline_by_wall(engine->now.boot_ns, engine->now.wall_ms,
					claim->until_wall_ms, claim->ttl_ms));
	}
}
