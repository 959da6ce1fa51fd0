/* See hold.h. */
#include "hold.h"

#include "denial.h"
#include "lease.h"
#include "state.h"

/* Says how a hold ended: released, or its holder's end. */
static void end_record(const struct claim *claim, struct engine *engine, const struct event *event,
	struct effects *fx)
{
	bool closed = event->reason == REASON_NONE;
	struct record *record =
		claim_record(claim, fx, closed ? RECORD_RELEASE : RECORD_AUTO_PRUNE, &event->now);

	record->reason = event->reason;
	record->signal = event->signal;
	*(closed ? &engine->counters.releases : &engine->counters.pruned) += 1;
}

void hold_close(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim)
		return;
	if (claim->state == CLAIM_HELD)
		end_record(claim, engine, event, fx);
	claim_destroy(engine, claim);
}

void hold_prune(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (!claim || claim->state != CLAIM_HELD)
		return;
	end_record(claim, engine, event, fx);
	hold_lose(engine, claim);
}

void hold_lose(struct engine *engine, struct claim *claim)
{
	claim_set_state(engine, claim, CLAIM_LOST);
	if (claim->kind == HOLD_LEASE)
		claim_destroy(engine, claim);
}

void claim_renew(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx)
{
	struct record *record;

	if (engine->log_failed) {
		effects_answer(fx, event->request, event->id, ERR_LOG);
		return;
	}
	uint64_t old_ns = claim->timer.deadline_ns, old_ttl_ms = claim->ttl_ms;
	int64_t old_until_ms = claim->until_wall_ms;

	if (event->ttl_ms != TIME_NONE)
		claim->ttl_ms = event->ttl_ms;
	claim->renewals++;
	claim_arm(engine, claim);
	engine->counters.renewals++;

	record = claim_record(claim, fx, RECORD_RENEW, &event->now);
	record->at_ns = claim_clock(claim, &event->now);
	record->old_ns = old_ns;
	record->old_ttl_ms = old_ttl_ms;
	record->old_until_ms = old_until_ms;
	effects_answer_logged(fx, event->request, event->id, OK);
}

void hold_renew(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);

	if (claim && claim->state == CLAIM_HELD)
		claim_renew(engine, claim, event, fx);
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
			if (claim->process.pid != 0 &&
				process_same(claim->process, event->family[i]))
				return claim;
	}
	return NULL;
}

/* Whether a hold would end sooner by this, which is asked for by a relative who may not break it. */
static bool cuts_short(const struct claim *claim, const struct event *event)
{
	const uint64_t ttl_ms = event->ttl_ms != TIME_NONE ? event->ttl_ms : claim->ttl_ms;

	return !event->who.privileged && event->who.uid != claim->user->uid &&
		deadline_after(claim_clock(claim, &event->now), ttl_ms) < claim->timer.deadline_ns;
}

void hold_renew_name(struct engine *engine, const struct event *event, struct effects *fx)
{
	const struct lock *lock = lock_find(engine, event->name);
	struct claim *claim = lock ? family_hold(lock, event) : NULL;

	if (!claim && (claim = lease_find(engine, event->name)) &&
		claim->user->uid != event->who.uid)
		claim = NULL;
	if (claim && !cuts_short(claim, event))
		claim_renew(engine, claim, event, fx);
	else
		effects_answer(fx, event->request, event->id,
			lock && lock->holding ? ERR_PERMISSION : ERR_ABSENT);
}

/* The hold with this token at the name, or NULL. */
static struct claim *token_hold(const struct engine *engine, const char *name, uint64_t token)
{
	const struct lock *lock = lock_find(engine, name);

	if (!lock)
		return NULL;
	list_each(item, following, &lock->holders)
	{
		struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->token == token)
			return claim;
	}
	return NULL;
}

/* The hold with this token at each of these names, or NULL. */
static struct claim *token_hold_all(const struct engine *engine, const char *names, uint64_t token)
{
	char name[NAME_MAX_LEN + 1];
	struct claim *claim = NULL;

	while (names_next(&names, name))
		if (!(claim = token_hold(engine, name, token)))
			return NULL;
	return claim;
}

/* Whether anybody holds one of these names. */
static bool any_held(const struct engine *engine, const char *names)
{
	char name[NAME_MAX_LEN + 1];

	while (names_next(&names, name)) {
		const struct lock *lock = lock_find(engine, name);

		if (lock && lock->holding > 0)
			return true;
	}
	return false;
}

void hold_force_break(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx)
{
	struct record *record = claim_record(claim, fx, RECORD_FORCE_BREAK, &event->now);

	record->by_uid = event->who.uid;
	record->by_pid = event->who.process.pid;
	engine->counters.broken++;
	hold_lose(engine, claim);
	effects_answer_logged(fx, event->request, event->id, OK);
}

void hold_break(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = token_hold_all(engine, event->name, event->token);

	if (event->token == 0) {
		effects_answer(fx, event->request, event->id,
			any_held(engine, event->name) ? ERR_HELD : ERR_ABSENT);
	} else if (!claim) {
		effects_answer(fx, event->request, event->id, ERR_LOST);
	} else if (!event->who.privileged && claim->user->uid != event->who.uid) {
		deny(engine, event->name, &event->who, REASON_PERMISSION, NULL, fx);
		effects_answer(fx, event->request, event->id, ERR_PERMISSION);
	} else if (claim->kind == HOLD_LEASE && engine->log_failed) {
		effects_answer(fx, event->request, event->id, ERR_LOG);
	} else {
		hold_force_break(engine, claim, event, fx);
	}
}
