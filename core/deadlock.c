/* See deadlock.h.
 *
 * A waiter waits for those who hold one of its names, and for what the waiters before it there wait for.
 * A hold does not end while a process that waits has a descriptor of it: so a way from a waiter over
 * holds and the waiting processes that have them, back to its own process, is a deadlock. Of slots, one
 * given back is enough: there no hold may lead out. What was not seen leads out. */
#include "deadlock.h"

#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "state.h"

#define DEPTH_MAX 32     /* waiters in a cycle */
#define STEPS_MAX 100000 /* how far to look: there may be many ways */

/* Who waits, and for which name. */
struct wait {
	const struct claim *claim;
	const struct lock *lock;
};

struct way {
	struct wait waits[DEPTH_MAX];
	unsigned depth;
};

/* Where a way leads: out, to what may end by itself; round, to somebody who is on it already, who goes on only
 * if it leads out elsewhere; back, to the origin. */
enum lead { LEAD_OUT, LEAD_ROUND, LEAD_BACK };

struct search {
	const struct engine *engine;
	const struct kept *origin; /* of whom it begins with, and has to end with */
	unsigned steps;
	struct way way, cycle; /* as far as it goes, and the last that led back */
};

static bool keeps(const struct kept *kept, const struct claim *hold)
{
	for (size_t i = 0; i < kept->count; i++)
		if (kept->holds[i] == hold->id)
			return true;
	return false;
}

static bool on_way(const struct way *way, const struct claim *claim)
{
	for (unsigned i = 0; i < way->depth; i++)
		if (way->waits[i].claim == claim)
			return true;
	return false;
}

static enum lead claim_lead(struct search *search, const struct claim *claim);

static enum lead greater(enum lead a, enum lead b)
{
	return a > b ? a : b;
}

/* What the hold waits for before it can end. */
static enum lead hold_lead(struct search *search, const struct claim *hold)
{
	enum lead lead = LEAD_OUT;

	if (keeps(search->origin, hold)) {
		search->cycle = search->way;
		return LEAD_BACK;
	}
	list_each(item, following, &search->engine->keepers)
	{
		const struct kept *kept = container_of(item, struct kept, link);

		if (search->steps == 0)
			return LEAD_OUT;
		search->steps--;
		if (keeps(kept, hold))
			lead = greater(lead, claim_lead(search, kept->claim));
		if (lead == LEAD_BACK)
			break;
	}
	return lead;
}

/* The same of the name's holders: the worst of them, but of slots none may lead out. */
static enum lead holders_lead(struct search *search, const struct lock *lock)
{
	enum lead worst = LEAD_OUT;

	list_each(item, following, &lock->holders)
	{
		enum lead lead = hold_lead(search, container_of(item, struct link, place)->claim);

		if (lock->slots > 1 && lead == LEAD_OUT)
			return LEAD_OUT;
		worst = greater(worst, lead);
		if (lock->slots == 1 && worst == LEAD_BACK)
			break;
	}
	return worst;
}

/* The same of those who hold the name or wait for it before the claim. */
static enum lead link_lead(struct search *search, const struct link *link)
{
	const struct lock *lock = link->lock;
	bool blocked = !lock_compatible(lock, link->claim);
	enum lead worst = LEAD_OUT;

	for (struct list *at = link->place.prev; at != &lock->waiters; at = at->prev) {
		const struct claim *earlier = container_of(at, struct link, place)->claim;

		if (search->steps == 0)
			return LEAD_OUT;
		search->steps--;
		if (earlier->state != CLAIM_WAITING)
			continue;
		blocked |= !lock_compatible(lock, earlier);
		if (earlier->links > 1)
			worst = greater(worst, claim_lead(search, earlier));
		if (worst == LEAD_BACK)
			return worst;
	}
	return blocked ? greater(worst, holders_lead(search, lock)) : worst;
}

/* The same of a waiter. */
static enum lead claim_lead(struct search *search, const struct claim *claim)
{
	struct way *way = &search->way;
	enum lead worst = LEAD_OUT;

	if (on_way(way, claim))
		return LEAD_ROUND;
	if (way->depth == DEPTH_MAX)
		return LEAD_OUT;
	way->depth++;
	for (uint32_t i = 0; worst != LEAD_BACK && i < claim->links; i++) {
		way->waits[way->depth - 1] = (struct wait){claim, claim->link[i].lock};
		worst = greater(worst, link_lead(search, &claim->link[i]));
	}
	way->depth--;
	return worst;
}

/* The cycle as a denial's further member; empty without memory for it. */
static const char *cycle_write(struct engine *engine, const struct way *cycle)
{
	struct text *text = &engine->cycle;

	text->len = 0;
	text->failed = false;
	text_put(text, ",\"cycle\":[");
	for (unsigned i = 0; i < cycle->depth; i++) {
		const struct wait *wait = &cycle->waits[i];

		text_put(text, i == 0 ? "{" : ",{");
		text_key_u64(text, "pid", (uint64_t)wait->claim->process.pid);
		text_key_string(text, "name", wait->lock->name);
		text_put(text, "}");
	}
	text_add(text, "]", 2);
	return text->failed ? NULL : text->data;
}

/* Remembers what the waiter's process has. NULL: nothing, or no memory. */
static struct kept *kept_create(
	struct engine *engine, struct claim *claim, const struct event *event)
{
	const size_t size = event->n_holds * sizeof(event->holds[0]);
	struct kept *kept = size ? calloc(1, sizeof(*kept) + size) : NULL;

	if (!kept)
		return NULL;
	kept->claim = claim;
	kept->count = event->n_holds;
	memcpy(kept->holds, event->holds, size);
	list_add_before(&engine->keepers, &kept->link);
	claim->keeps = true;
	return kept;
}

void kept_forget(struct engine *engine, struct claim *claim)
{
	if (!claim->keeps)
		return;
	claim->keeps = false;
	list_each(item, following, &engine->keepers)
	{
		struct kept *kept = container_of(item, struct kept, link);

		if (kept->claim != claim)
			continue;
		list_remove(&kept->link);
		free(kept);
		return;
	}
}

void deadlock_suspect(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct claim *claim = claim_find(engine, event->id);
	struct search search = {.engine = engine, .steps = STEPS_MAX};

	if (!claim || claim->state != CLAIM_WAITING)
		return;
	kept_forget(engine, claim);
	if (event->complete && event->n_holds == 0) { /* nobody can wait for it: never look again */
		list_remove(&claim->attention);
		return;
	}
	search.origin = kept_create(engine, claim, event);
	if (search.origin && claim_lead(&search, claim) == LEAD_BACK)
		claim_deny(engine, claim, ERR_DEADLOCK, REASON_DEADLOCK,
			cycle_write(engine, &search.cycle), fx);
}

/* When a waiter is to be looked at who was looked at so many times: what one look did not see, a thread or an
 * interrupted waiter that came back, the next may. */
static uint64_t look_ns(const struct engine *engine, const struct claim *claim, unsigned looks)
{
	return deadline_after(claim->queued_ns, engine->settings.deadlock_ms << looks);
}

/* The first of those who were looked at so many times, and when it is time for the next look; or NULL. */
static struct claim *look_due(const struct engine *engine, unsigned looks, uint64_t *due_ns)
{
	const struct list *list = &engine->patient[looks];
	struct claim *claim;

	if (list_empty(list))
		return NULL;
	claim = container_of(list->next, struct claim, attention);
	*due_ns = look_ns(engine, claim, looks);
	return claim;
}

uint64_t suspicion_next(const struct engine *engine)
{
	uint64_t next = NEVER, due_ns;

	for (unsigned looks = 0; looks < LOOKS; looks++)
		if (look_due(engine, looks, &due_ns) && due_ns < next)
			next = due_ns;
	return next;
}

void suspicions_raise(struct engine *engine)
{
	struct claim *claim;
	uint64_t due_ns;

	for (unsigned looks = 0; looks < LOOKS; looks++)
		while ((claim = look_due(engine, looks, &due_ns)) &&
			due_ns <= engine->now.mono_ns) {
			list_remove(&claim->attention);
			list_add_before(&engine->suspects, &claim->attention);
		}
}

uint64_t engine_suspect(struct engine *engine)
{
	struct claim *claim;

	if (list_empty(&engine->suspects))
		return 0;
	claim = container_of(engine->suspects.next, struct claim, attention);
	list_remove(&claim->attention);
	while (claim->looks < LOOKS && look_ns(engine, claim, claim->looks) <= engine->now.mono_ns)
		claim->looks++;
	if (claim->looks < LOOKS)
		list_add_before(&engine->patient[claim->looks], &claim->attention);
	return claim->id;
}
