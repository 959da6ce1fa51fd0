/* See restart.h. */
#include "restart.h"

#include <string.h>

#include "lease.h"
#include "state.h"

static uint64_t wall_since(int64_t then_ms, int64_t now_ms)
{
	return now_ms > then_ms ? (uint64_t)(now_ms - then_ms) : 0;
}

/* The next claim after `id` that had a descriptor, in this state, which nobody has adopted. */
static struct claim *orphan_find(const struct engine *engine, uint64_t id, enum claim_state state)
{
	const uint64_t from = id + 1;

	for (struct tree_node *n = tree_from(&engine->claims, &from); n; n = tree_next(n)) {
		struct claim *claim = container_of(n, struct claim, index);

		if (claim->kind == HOLD_OPEN && claim->state == state && !claim->request)
			return claim;
	}
	return NULL;
}

/* A hold whose descriptor ended with the old daemon's mount. */
static void orphan_prune(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx)
{
	struct record *record = claim_record(claim, fx, RECORD_AUTO_PRUNE, &event->now);

	record->reason = event->same_boot ? REASON_UNKNOWN : REASON_REBOOT;
	if (!event->same_boot) /* CLOCK_MONOTONIC has begun again: by the wall, at most */
		record->held_ms = wall_since(claim->acquired_wall_ms, event->now.wall_ms);
	engine->counters.pruned++;
	claim_destroy(engine, claim);
}

void holds_recover(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim;
	uint64_t id = 0;

	if (!event->same_boot) {
		freezes_by_wall(engine);
		leases_by_wall(engine);
	}
	if (!event->trusted && engine->next_token < engine->token_limit)
		engine->next_token = engine->token_limit;
	if (engine->next_token < event->token)
		engine->next_token = event->token;
	while ((claim = orphan_find(engine, id, CLAIM_LOST))) { /* nobody is left to be told */
		id = claim->id;
		claim_destroy(engine, claim);
	}
	while (!event->keep && effects_room(fx) && (claim = orphan_find(engine, 0, CLAIM_HELD)))
		orphan_prune(engine, claim, event, fx);
}

void orphan_keep(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim || claim->state != CLAIM_HELD)
		return;
	claim->orphan = true;
	strcpy(claim_record(claim, fx, RECORD_RECOVER, &event->now)->detail, event->name);
}

bool engine_adopt(struct engine *engine, uint64_t id, void *request)
{
	struct claim *claim = claim_find(engine, id);

	if (!claim || claim->request)
		return false;
	claim->request = request;
	return true;
}

uint64_t engine_orphan(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = orphan_find(engine, id, CLAIM_HELD);

	return claim ? claim->id : 0;
}

bool engine_recovering(const struct engine *engine)
{
	return engine_orphan(engine, 0) != 0;
}
