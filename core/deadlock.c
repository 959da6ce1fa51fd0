/* See deadlock.h.
 *
 * A waiter waits for those who hold one of its names, and for what the waiters before it there wait for.
 * A hold does not end while a process that waits has a descriptor of it: so a way from a waiter over
 * holds and the waiting processes that have them, back to its own process, is a deadlock. Of slots, one
 * given back is enough: there all holds have to lead back. What was not seen leads nowhere. */
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

static bool leads_back(struct search *search, const struct claim *claim);

/* Whether the hold cannot end before the origin's wait does. */
static bool hold_leads_back(struct search *search, const struct claim *hold)
{
	if (keeps(search->origin, hold)) {
		search->cycle = search->way;
		return true;
	}
	list_each(item, following, &search->engine->keepers)
	{
		const struct kept *kept = container_of(item, struct kept, link);

		if (search->steps == 0)
			return false;
		search->steps--;
		if (keeps(kept, hold) && !on_way(&search->way, kept->claim) &&
			leads_back(search, kept->claim))
			return true;
	}
	return false;
}

/* The same of the name's holders: of one of them, of slots of them all. */
static bool holders_lead_back(struct search *search, const struct lock *lock)
{
	const bool all = lock->slots > 1;

	list_each(item, following, &lock->holders)
	{
		const struct claim *hold = container_of(item, struct link, place)->claim;

		if (hold_leads_back(search, hold) != all)
			return !all;
	}
	return all && lock->holding > 0;
}

/* The same of those who hold the name or wait for it before the claim. */
static bool link_leads_back(struct search *search, const struct link *link)
{
	const struct lock *lock = link->lock;
	bool blocked = !lock_compatible(lock, link->claim);

	for (struct list *at = link->place.prev; at != &lock->waiters; at = at->prev) {
		const struct claim *earlier = container_of(at, struct link, place)->claim;

		if (search->steps == 0)
			return false;
		search->steps--;
		if (earlier->state != CLAIM_WAITING)
			continue;
		blocked |= !lock_compatible(lock, earlier);
		if (earlier->links > 1 && !on_way(&search->way, earlier) &&
			leads_back(search, earlier))
			return true;
	}
	return blocked && holders_lead_back(search, lock);
}

/* The same of a waiter. */
static bool leads_back(struct search *search, const struct claim *claim)
{
	struct way *way = &search->way;
	bool found = false;

	if (way->depth == DEPTH_MAX)
		return false;
	way->depth++;
	for (uint32_t i = 0; !found && i < claim->links; i++) {
		way->waits[way->depth - 1] = (struct wait){claim, claim->link[i].lock};
		found = link_leads_back(search, &claim->link[i]);
	}
	way->depth--;
	return found;
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

	if (!claim || claim->state != CLAIM_WAITING || claim->keeps)
		return;
	search.origin = kept_create(engine, claim, event);
	if (search.origin && leads_back(&search, claim))
		claim_deny(engine, claim, ERR_DEADLOCK, REASON_DEADLOCK,
			cycle_write(engine, &search.cycle), fx);
}

uint64_t engine_suspect(struct engine *engine)
{
	struct claim *claim;

	if (list_empty(&engine->suspects))
		return 0;
	claim = container_of(engine->suspects.next, struct claim, attention);
	list_remove(&claim->attention);
	return claim->id;
}
