/* See hold.h. */
#include "hold.h"

#include "denial.h"
#include "state.h"

void hold_close(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim)
		return;
	if (claim->state == CLAIM_HELD) {
		bool closed = event->reason == REASON_NONE;
		struct record *record = claim_record(
			claim, fx, closed ? RECORD_RELEASE : RECORD_AUTO_PRUNE, &event->now);

		record->reason = event->reason;
		record->signal = event->signal;
		*(closed ? &engine->counters.releases : &engine->counters.pruned) += 1;
	}
	claim_destroy(engine, claim);
}

/* Renews a hold and answers. TIME_NONE: with the TTL it has. */
static void renew(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx)
{
	struct record *record;

	if (engine->log_failed) {
		effects_answer(fx, event->request, event->id, ERR_LOG);
		return;
	}
	uint64_t old_ns = claim->renewed_ns, old_ttl_ms = claim->ttl_ms;

	if (event->ttl_ms != TIME_NONE)
		claim->ttl_ms = event->ttl_ms;
	claim->renewed_ns = event->now.mono_ns;
	claim->renewals++;
	timer_set(&engine->timers, &claim->timer, claim_deadline(claim));
	engine->counters.renewals++;

	record = claim_record(claim, fx, RECORD_RENEW, &event->now);
	record->at_ns = claim->renewed_ns;
	record->old_ns = old_ns;
	record->old_ttl_ms = old_ttl_ms;
	effects_answer_logged(fx, event->request, event->id, OK);
}

void hold_renew(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (claim && claim->state == CLAIM_HELD)
		renew(engine, claim, event, fx);
	else
		effects_answer(fx, event->request, event->id, ERR_LOST);
}

/* The hold on this name that one of the family has, or NULL. Process 0 is nobody's ancestor: it is
 * an opener who is not known. */
static struct claim *family_hold(const struct lock *lock, const struct event *event)
{
	list_each(item, following, &lock->holders)
	{
		struct claim *claim = container_of(item, struct link, place)->claim;

		for (size_t i = 0; i < event->relatives; i++)
			if (claim->process.pid != 0 && claim->process.pid == event->family[i].pid &&
				claim->process.start_ns == event->family[i].start_ns)
				return claim;
	}
	return NULL;
}

void hold_renew_name(struct engine *engine, const struct event *event, struct effects *fx)
{
	const struct lock *lock = lock_find(engine, event->name);
	struct claim *claim = lock ? family_hold(lock, event) : NULL;

	if (claim)
		renew(engine, claim, event, fx);
	else
		effects_answer(fx, event->request, event->id,
			lock && lock->holding ? ERR_PERMISSION : ERR_ABSENT);
}

/* The hold with this token, or NULL. */
static struct claim *token_hold(const struct lock *lock, uint64_t token)
{
	list_each(item, following, &lock->holders)
	{
		struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->token == token)
			return claim;
	}
	return NULL;
}

void hold_break(struct engine *engine, const struct event *event, struct effects *fx)
{
	const struct lock *lock = lock_find(engine, event->name);
	struct claim *claim;

	if (!lock || lock->holding == 0) {
		effects_answer(fx, event->request, event->id, event->token ? ERR_LOST : ERR_ABSENT);
		return;
	}
	if (event->token == 0) {
		effects_answer(fx, event->request, event->id, ERR_HELD);
		return;
	}
	if (!(claim = token_hold(lock, event->token))) {
		effects_answer(fx, event->request, event->id, ERR_LOST);
		return;
	}
	if (!event->who.privileged && claim->uid != event->who.uid) {
		deny(engine, event->name, &event->who, REASON_PERMISSION, fx);
		effects_answer(fx, event->request, event->id, ERR_PERMISSION);
		return;
	}
	struct record *record = claim_record(claim, fx, RECORD_FORCE_BREAK, &event->now);

	record->by_uid = event->who.uid;
	record->by_pid = event->who.process.pid;
	engine->counters.broken++;
	claim_set_state(engine, claim, CLAIM_LOST);
	effects_answer_logged(fx, event->request, event->id, OK);
}

static uint64_t wall_since(int64_t then_ms, int64_t now_ms)
{
	return now_ms > then_ms ? (uint64_t)(now_ms - then_ms) : 0;
}

void holds_recover(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct tree_node *node;

	if (!event->same_boot)
		freezes_by_wall(engine);
	if (!event->trusted && engine->next_token < engine->token_limit)
		engine->next_token = engine->token_limit;
	if (engine->next_token < event->token)
		engine->next_token = event->token;
	while (effects_room(fx) && (node = tree_first(&engine->claims))) {
		struct claim *claim = container_of(node, struct claim, index);
		struct record *record = claim_record(claim, fx, RECORD_AUTO_PRUNE, &event->now);

		record->reason = event->same_boot ? REASON_UNKNOWN : REASON_REBOOT;
		if (!event->same_boot) /* CLOCK_MONOTONIC has begun again: by the wall, at most */
			record->held_ms = wall_since(claim->acquired_wall_ms, event->now.wall_ms);
		engine->counters.pruned++;
		claim_destroy(engine, claim);
	}
}
