/* See claim.h. */
#include "claim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "deadlock.h"
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
static enum err link_init(struct engine *engine, struct claim *claim, const char *name)
{
	struct lock *lock = lock_get(engine, name);

	if (!lock)
		return ERR_NO_MEMORY;
	if (lock->waiting + lock->holding > 0 && lock->slots != claim->slots)
		return ERR_INVALID;
	struct link *link = &claim->link[claim->links++];

	*link = (struct link){.lock = lock, .claim = claim};
	list_add_before(&lock->waiters, &link->place);
	lock->slots = claim->slots;
	lock->links++;
	lock->waiting++;
	return OK;
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

/* Leaves every queue, and frees the claim. */
static void claim_free(struct engine *engine, struct claim *claim)
{
	kept_forget(engine, claim);
	for (uint32_t i = 0; i < claim->links; i++)
		link_finish(engine, &claim->link[i]);
	user_put(engine, claim->user);
	free(claim);
}

static size_t names_count(const char *names)
{
	size_t count = 1;

	for (const char *c = names; *c; c++)
		count += *c == '+';
	return count;
}

/* An empty claim with room for its links and its label. Not by calloc(3): where that is new memory each time (glibc
 * before 2.41), malloc(3) takes what was just freed. */
static struct claim *claim_alloc(const struct claim_form *form)
{
	size_t size = sizeof(struct claim) + names_count(form->names) * sizeof(struct link);
	size_t owner_len = strlen(form->owner) + 1;
	struct claim *claim = malloc(size + owner_len);

	if (!claim)
		return NULL;
	*claim = (struct claim){.slots = form->slots};
	claim->owner = memcpy((char *)claim + size, form->owner, owner_len);
	timer_init(&claim->timer);
	list_init(&claim->attention);
	return claim;
}

enum err claim_create(struct engine *engine, const struct claim_form *form, struct claim **created)
{
	struct claim *claim = claim_alloc(form);
	const char *names = form->names;
	char name[NAME_MAX_LEN + 1];
	enum err err = OK;

	if (!claim || !(claim->user = user_get(engine, form->uid))) {
		free(claim);
		return ERR_NO_MEMORY;
	}
	while (err == OK && names_next(&names, name))
		err = link_init(engine, claim, name);
	if (err != OK) {
		claim_free(engine, claim);
		return err;
	}
	user_add(engine, claim->user, claim_limit(claim), 1);
	user_add(engine, claim->user, LIMIT_NAMES, (int)claim->links);
	*created = claim;
	return OK;
}

/* The timers that the claim's own is among. */
static struct timers *claim_timers(struct engine *engine, const struct claim *claim)
{
	return claim->kind == HOLD_LEASE ? &engine->lapses : &engine->timers;
}

void claim_destroy(struct engine *engine, struct claim *claim)
{
	timer_set(claim_timers(engine, claim), &claim->timer, NEVER);
	list_remove(&claim->attention);
	tree_remove(
		claim->state == CLAIM_PAUSED ? &engine->paused : &engine->claims, &claim->index);
	user_add(engine, claim->user, claim_limit(claim), -1);
	user_add(engine, claim->user, LIMIT_NAMES, -(int)claim->links);
	claim_free(engine, claim);
}

enum limit claim_limit(const struct claim *claim)
{
	if (claim->state == CLAIM_WAITING || claim->state == CLAIM_PAUSED)
		return LIMIT_WAITERS;
	return claim->kind == HOLD_LEASE ? LIMIT_LEASES : LIMIT_HOLDS;
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

/* Moves the claim's place at one name to where the new state has it. */
static void link_move(struct engine *engine, struct link *link, enum claim_state state)
{
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

void claim_set_state(struct engine *engine, struct claim *claim, enum claim_state state)
{
	assert(transition_ok(claim->state, state));
	timer_set(claim_timers(engine, claim), &claim->timer, NEVER);
	list_remove(&claim->attention);
	kept_forget(engine, claim);
	for (uint32_t i = 0; i < claim->links; i++)
		link_move(engine, &claim->link[i], state);
	if (state == CLAIM_PAUSED) {
		tree_remove(&engine->claims, &claim->index);
		tree_insert(&engine->paused, &claim->tid, &claim->index);
	} else if (claim->state == CLAIM_PAUSED) {
		tree_remove(&engine->paused, &claim->index);
	}
	if (state == CLAIM_LOST)
		claim_notice(engine, claim);
	user_add(engine, claim->user, claim_limit(claim), -1);
	claim->state = state;
	user_add(engine, claim->user, claim_limit(claim), 1);
}

void claim_notice(struct engine *engine, struct claim *claim)
{
	if (claim->watched && list_empty(&claim->attention))
		list_add_before(&engine->noticed, &claim->attention);
}

static bool asks_for(const struct event *event, const struct claim *claim)
{
	const struct spec *spec = event->spec;
	char names[SPEC_MAX + 1];

	claim_names(claim, names);
	return strcmp(names, spec->names) == 0 && strcmp(claim->owner, event->who.owner) == 0 &&
		claim->mode == spec->mode && claim->slots == spec->slots &&
		claim->ttl_ms == spec->ttl_ms &&
		claim->wait_until_ns == deadline_after(claim->queued_ns, spec->timeout_ms) &&
		claim->frozen_wait == spec->frozen_wait && claim->bind == spec->bind &&
		claim->user->uid == event->who.uid &&
		process_same(claim->process, event->who.process);
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

uint64_t claim_clock(const struct claim *claim, const struct now *now)
{
	return claim->kind == HOLD_LEASE ? now->boot_ns : now->mono_ns;
}

uint64_t claim_age_ms(const struct claim *claim, const struct now *now)
{
	if (claim->kind == HOLD_LEASE)
		return now->wall_ms > claim->acquired_wall_ms
			? (uint64_t)(now->wall_ms - claim->acquired_wall_ms)
			: 0;
	return now->mono_ns > claim->acquired_ns ? (now->mono_ns - claim->acquired_ns) / 1000000
						 : 0;
}

void claim_expire_at(struct engine *engine, struct claim *claim, uint64_t deadline_ns)
{
	timer_set(claim_timers(engine, claim), &claim->timer, deadline_ns);
}

void claim_arm(struct engine *engine, struct claim *claim)
{
	claim->until_wall_ms = 0;
	if (claim->ttl_ms != TIME_NONE)
		claim->until_wall_ms = engine->now.wall_ms + (int64_t)claim->ttl_ms;
	claim_expire_at(
		engine, claim, deadline_after(claim_clock(claim, &engine->now), claim->ttl_ms));
}

void claim_describe(const struct claim *claim, struct record *record)
{
	claim_names(claim, record->names);
	strcpy(record->owner, claim->owner);
	record->token = claim->token;
	record->uid = claim->user->uid;
	record->pid = claim->process.pid;
	record->start_ns = claim->process.start_ns;
	record->mode = claim->mode;
	record->hold = claim->kind;
	record->bind = claim->bind;
	record->slots = claim->slots > 1 ? claim->slots : 0;
	record->ttl_ms = claim->ttl_ms;
}

struct record *claim_record(
	const struct claim *claim, struct effects *fx, enum record_kind kind, const struct now *now)
{
	struct record *record = effects_record(fx, kind, now->wall_ms);

	claim_describe(claim, record);
	record->id = claim->id;
	record->held_ms = claim_age_ms(claim, now);
	return record;
}
