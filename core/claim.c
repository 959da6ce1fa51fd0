/* See claim.h. */
#include "claim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

int claim_compare(const void *id, const struct tree_node *node)
{
	uint64_t a = *(const uint64_t *)id, b = container_of(node, const struct claim, index)->id;

	return a < b ? -1 : a > b;
}

int claim_compare_tid(const void *tid, const struct tree_node *node)
{
	int32_t a = *(const int32_t *)tid, b = container_of(node, const struct claim, index)->tid;

	return a < b ? -1 : a > b;
}

/* Enters one name's queue. */
static bool link_init(struct engine *engine, struct claim *claim, const char *name)
{
	struct lock *lock = lock_get(engine, name);

	if (!lock)
		return false;
	struct link *link = &claim->link[claim->links++];

	*link = (struct link){.lock = lock, .claim = claim};
	list_add_before(&lock->waiters, &link->place);
	lock->links++;
	lock->waiting++;
	return true;
}

static void link_finish(struct engine *engine, struct link *link)
{
	if (link->claim->state == CLAIM_HELD)
		link->lock->holding--;
	else if (link->claim->state != CLAIM_LOST)
		link->lock->waiting--;
	list_remove(&link->place);
	link->lock->links--;
	lock_touch(engine, link->lock);
	lock_put(engine, link->lock);
}

struct claim *claim_create(struct engine *engine, const char *names, const char *owner)
{
	size_t links = 1, owner_len = strlen(owner) + 1;
	char copy[SPEC_MAX + 1], *rest = copy, *name;

	strcpy(copy, names);
	for (const char *c = copy; *c; c++)
		links += *c == '+';

	size_t size = sizeof(struct claim) + links * sizeof(struct link);
	struct claim *claim = calloc(1, size + owner_len);

	if (!claim)
		return NULL;
	claim->owner = memcpy((char *)claim + size, owner, owner_len);
	timer_init(&claim->timer);
	claim->state = CLAIM_WAITING;
	while ((name = strsep(&rest, "+"))) {
		if (link_init(engine, claim, name))
			continue;
		while (claim->links > 0)
			link_finish(engine, &claim->link[--claim->links]);
		free(claim);
		return NULL;
	}
	return claim;
}

void claim_destroy(struct engine *engine, struct claim *claim)
{
	timer_set(&engine->timers, &claim->timer, NEVER);
	tree_remove(
		claim->state == CLAIM_PAUSED ? &engine->paused : &engine->claims, &claim->index);
	for (uint32_t i = 0; i < claim->links; i++)
		link_finish(engine, &claim->link[i]);
	free(claim);
}

void claim_index(struct engine *engine, struct claim *claim, uint64_t id)
{
	claim->id = id;
	tree_insert(&engine->claims, &claim->id, &claim->index);
}

struct claim *claim_find(const struct engine *engine, uint64_t id)
{
	struct tree_node *node = tree_find(&engine->claims, &id);

	return node ? container_of(node, struct claim, index) : NULL;
}

static bool transition_ok(enum claim_state from, enum claim_state to)
{
	static const bool allowed[4][4] = {
		[CLAIM_WAITING] = {[CLAIM_PAUSED] = true, [CLAIM_HELD] = true},
		[CLAIM_PAUSED] = {[CLAIM_WAITING] = true},
		[CLAIM_HELD] = {[CLAIM_LOST] = true},
	};

	return allowed[from][to];
}

void claim_set_state(struct engine *engine, struct claim *claim, enum claim_state state)
{
	assert(transition_ok(claim->state, state));
	timer_set(&engine->timers, &claim->timer, NEVER);
	for (uint32_t i = 0; i < claim->links; i++) {
		struct link *link = &claim->link[i];

		if (state == CLAIM_HELD || state == CLAIM_LOST)
			list_remove(&link->place);
		if (state == CLAIM_HELD) {
			list_add_before(&link->lock->holders, &link->place);
			link->lock->waiting--;
			link->lock->holding++;
		} else if (state == CLAIM_LOST) {
			link->lock->holding--;
		}
		lock_touch(engine, link->lock);
	}
	if (state == CLAIM_PAUSED) {
		tree_remove(&engine->claims, &claim->index);
		tree_insert(&engine->paused, &claim->tid, &claim->index);
	} else if (claim->state == CLAIM_PAUSED) {
		tree_remove(&engine->paused, &claim->index);
	}
	claim->state = state;
}

static bool asks_for(const struct event *event, const struct claim *claim)
{
	const struct spec *spec = event->spec;
	char names[SPEC_MAX + 1];

	claim_names(claim, names);
	return strcmp(names, spec->names) == 0 && strcmp(claim->owner, event->who.owner) == 0 &&
		claim->mode == spec->mode && claim->slots == spec->slots &&
		claim->ttl_ms == spec->ttl_ms && claim->timeout_ms == spec->timeout_ms &&
		claim->frozen_wait == spec->frozen_wait && claim->uid == event->who.uid &&
		claim->process.pid == event->who.process.pid &&
		claim->process.start_ns == event->who.process.start_ns;
}

struct claim *claim_paused_as(const struct engine *engine, const struct event *event)
{
	const int32_t tid = event->who.tid;
	struct tree_node *node = tree_from(&engine->paused, &tid);

	for (; node && claim_compare_tid(&tid, node) == 0; node = tree_next(node)) {
		struct claim *claim = container_of(node, struct claim, index);

		if (asks_for(event, claim))
			return claim;
	}
	return NULL;
}

void claim_names(const struct claim *claim, char names[SPEC_MAX + 1])
{
	char *at = names;

	for (uint32_t i = 0; i < claim->links; i++) {
		if (i > 0)
			*at++ = '+';
		at = stpcpy(at, claim->link[i].lock->name);
	}
}

uint64_t claim_deadline(const struct claim *claim)
{
	uint64_t from = claim->renewed_ns ? claim->renewed_ns : claim->acquired_ns;

	return deadline_after(from, claim->ttl_ms);
}

struct record *claim_record(
	const struct claim *claim, struct effects *fx, enum record_kind kind, const struct now *now)
{
	struct record *record = effects_record(fx, kind, now->wall_ms);

	claim_names(claim, record->names);
	strcpy(record->owner, claim->owner);
	record->token = claim->token;
	record->uid = claim->uid;
	record->pid = claim->process.pid;
	record->start_ns = claim->process.start_ns;
	record->mode = claim->mode;
	record->ttl_ms = claim->ttl_ms;
	record->id = claim->id;
	if (claim->token && now->mono_ns > claim->acquired_ns)
		record->held_ms = (now->mono_ns - claim->acquired_ns) / 1000000;
	return record;
}
