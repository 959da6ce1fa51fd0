/* See freeze.h. */
#include "freeze.h"

#include <stdlib.h>
#include <string.h>

#include "denial.h"
#include "duration.h"
#include "state.h"

const char *freeze_name(const struct freeze *freeze)
{
	return freeze->lock ? freeze->lock->name : FREEZE_ALL;
}

struct freeze *freeze_find(const struct engine *engine, const char *name)
{
	if (strcmp(name, FREEZE_ALL) == 0)
		return engine->freeze_all;
	struct lock *lock = lock_find(engine, name);

	return lock ? lock->freeze : NULL;
}

struct freeze *freeze_of(const struct engine *engine, const struct lock *lock)
{
	return lock->freeze ? lock->freeze : engine->freeze_all;
}

/* Has every queue looked at that this freeze is about. */
static void freeze_touch(struct engine *engine, const struct freeze *freeze)
{
	if (freeze->lock) {
		lock_touch(engine, freeze->lock);
		return;
	}
	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n))
		lock_touch(engine, container_of(n, struct lock, by_name));
}

/* The freeze of this name, made if it is not there; NULL when there is no memory. */
static struct freeze *freeze_get(struct engine *engine, const char *name)
{
	struct freeze *freeze = freeze_find(engine, name);
	struct lock *lock = NULL;

	if (freeze)
		return freeze;
	freeze = calloc(1, sizeof(*freeze));
	if (!freeze)
		return NULL;
	if (strcmp(name, FREEZE_ALL) != 0 && !(lock = lock_get(engine, name))) {
		free(freeze);
		return NULL;
	}
	timer_init(&freeze->timer);
	freeze->lock = lock;
	*(lock ? &lock->freeze : &engine->freeze_all) = freeze;
	return freeze;
}

void freeze_remove(struct engine *engine, struct freeze *freeze)
{
	struct lock *lock = freeze->lock;

	freeze_touch(engine, freeze);
	timer_set(&engine->thaws, &freeze->timer, NEVER);
	*(lock ? &lock->freeze : &engine->freeze_all) = NULL;
	free(freeze);
	if (lock)
		lock_put(engine, lock);
}

void freeze_record(const struct freeze *freeze, struct record *record)
{
	strcpy(record->names, freeze_name(freeze));
	strcpy(record->owner, freeze->owner);
	record->uid = freeze->uid;
	record->pid = freeze->pid;
	record->ttl_ms = freeze->ttl_ms;
	record->until_ns = freeze->timer.deadline_ns;
	record->until_wall_ms = freeze->until_wall_ms;
	record->wall_ms = freeze->since_wall_ms;
}

/* Keeps in the record what it is about to replace. */
static void freeze_keep(const struct freeze *freeze, struct record *record)
{
	record->old_ns = freeze->timer.deadline_ns;
	record->old_ttl_ms = freeze->ttl_ms;
	record->old_since_ms = freeze->since_wall_ms;
	record->old_until_ms = freeze->until_wall_ms;
	record->by_uid = freeze->uid;
	record->by_pid = freeze->pid;
	strcpy(record->old_owner, freeze->owner);
}

/* Whether `who` holds this name. */
static bool holds(const struct engine *engine, const char *name, const struct actor *who)
{
	struct lock *lock = lock_find(engine, name);

	if (!lock)
		return false;
	list_each(item, following, &lock->holders)
	{
		if (container_of(item, struct link, place)->claim->user->uid == who->uid)
			return true;
	}
	return false;
}

/* Denies a request about freezes. */
static void refuse(struct engine *engine, const struct event *event, struct effects *fx)
{
	deny(engine, event->name, &event->who, REASON_PERMISSION, NULL, fx);
	effects_answer(fx, event->request, event->id, ERR_PERMISSION);
}

/* Whether the limits allow one more. Freezes are few and rare, so they are counted when it matters. */
static bool may_freeze_more(const struct engine *engine, uint32_t uid)
{
	const struct limits *limits = &engine->settings.limits;
	uint32_t own = 0, all = 0;

	for (struct tree_node *n = tree_first(&engine->thaws.armed); n; n = tree_next(n)) {
		own += container_of(n, struct freeze, timer.node)->uid == uid;
		all++;
	}
	return own < limits->user[LIMIT_FREEZES] && all < limits->total[LIMIT_FREEZES];
}

void freeze_set(struct engine *engine, const struct event *event, struct effects *fx)
{
	if (!event->who.privileged && !holds(engine, event->name, &event->who)) {
		refuse(engine, event, fx);
		return;
	}
	if (!freeze_find(engine, event->name) && !may_freeze_more(engine, event->who.uid)) {
		deny(engine, event->name, &event->who, REASON_LIMIT, limit_member(LIMIT_FREEZES),
			fx);
		effects_answer(fx, event->request, event->id, ERR_LIMIT);
		return;
	}
	struct freeze *freeze = engine->log_failed ? NULL : freeze_get(engine, event->name);

	if (!freeze) {
		effects_answer(fx, event->request, event->id,
			engine->log_failed ? ERR_LOG : ERR_NO_MEMORY);
		return;
	}
	struct record *record = effects_record(fx, RECORD_FREEZE, event->now.wall_ms);

	freeze_keep(freeze, record);
	freeze->uid = event->who.uid;
	freeze->pid = event->who.process.pid;
	freeze->ttl_ms = event->ttl_ms;
	freeze->since_wall_ms = event->now.wall_ms;
	freeze->until_wall_ms = event->now.wall_ms + (int64_t)event->ttl_ms;
	strcpy(freeze->owner, event->who.owner);
	timer_set(
		&engine->thaws, &freeze->timer, deadline_after(event->now.boot_ns, event->ttl_ms));
	freeze_record(freeze, record);
	freeze_touch(engine, freeze);
	engine->counters.freezes++;
	effects_answer_logged(fx, event->request, event->id, OK);
}

void freeze_lift(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct freeze *freeze = freeze_find(engine, event->name);

	if (!freeze || engine->log_failed) {
		effects_answer(fx, event->request, event->id, freeze ? ERR_LOG : ERR_ABSENT);
		return;
	}
	if (!event->who.privileged && freeze->uid != event->who.uid &&
		!holds(engine, event->name, &event->who)) {
		refuse(engine, event, fx);
		return;
	}
	struct record *record = effects_record(fx, RECORD_UNFREEZE, event->now.wall_ms);

	strcpy(record->names, event->name);
	strcpy(record->owner, event->who.owner);
	record->uid = event->who.uid;
	record->pid = event->who.process.pid;
	freeze_remove(engine, freeze);
	effects_answer_logged(fx, event->request, event->id, OK);
}

void freeze_thaw(struct engine *engine, struct freeze *freeze, struct effects *fx)
{
	struct record *record = effects_record(fx, RECORD_THAW, 0);

	freeze_record(freeze, record);
	record->wall_ms = engine->now.wall_ms;
	freeze_remove(engine, freeze);
}

/* Whether the record is of a freeze that somebody can have set, and that ends. */
static bool freeze_ok(const struct record *record)
{
	return (strcmp(record->names, FREEZE_ALL) == 0 ||
		       name_check(record->names, strlen(record->names)) == OK) &&
		record->ttl_ms <= DURATION_MAX_MS && record->until_ns != NEVER;
}

int freeze_replay(struct engine *engine, const struct record *record)
{
	struct freeze *freeze;

	if (!freeze_ok(record))
		return ERR_CORRUPT;
	if (!(freeze = freeze_get(engine, record->names)))
		return ERR_NO_MEMORY;
	freeze->uid = record->uid;
	freeze->pid = record->pid;
	freeze->ttl_ms = record->ttl_ms;
	freeze->since_wall_ms = record->wall_ms;
	freeze->until_wall_ms = record->until_wall_ms;
	strcpy(freeze->owner, record->owner);
	timer_set(&engine->thaws, &freeze->timer, record->until_ns);
	return OK;
}

void freeze_undo(struct engine *engine, const struct record *record)
{
	struct freeze *freeze = freeze_find(engine, record->names);

	engine->counters.freezes--;
	if (!freeze)
		return; /* it was lifted in the same batch */
	if (record->old_ns == NEVER) {
		freeze_remove(engine, freeze);
		return;
	}
	freeze->uid = record->by_uid;
	freeze->pid = record->by_pid;
	freeze->ttl_ms = record->old_ttl_ms;
	freeze->since_wall_ms = record->old_since_ms;
	freeze->until_wall_ms = record->old_until_ms;
	strcpy(freeze->owner, record->old_owner);
	timer_set(&engine->thaws, &freeze->timer, record->old_ns);
}

static void freeze_by_wall(struct engine *engine, struct freeze *freeze)
{
	timer_set(&engine->thaws, &freeze->timer,
		deadline_by_wall(engine->now.boot_ns, engine->now.wall_ms, freeze->until_wall_ms,
			freeze->ttl_ms));
}

void freezes_by_wall(struct engine *engine)
{
	if (engine->freeze_all)
		freeze_by_wall(engine, engine->freeze_all);
	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n)) {
		struct lock *lock = container_of(n, struct lock, by_name);

		if (lock->freeze)
			freeze_by_wall(engine, lock->freeze);
	}
}
