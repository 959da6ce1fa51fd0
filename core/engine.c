/* See engine.h: the seam. Each event goes to the file that owns its rule. */
#include "engine.h"

#include <stdlib.h>

#include "denial.h"
#include "hold.h"
#include "queue.h"
#include "state.h"

struct engine *engine_create(void)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	tree_init(&engine->locks, lock_compare);
	tree_init(&engine->claims, claim_compare);
	tree_init(&engine->paused, claim_compare_tid);
	tree_init(&engine->denials, denial_compare);
	list_init(&engine->dirty);
	timers_init(&engine->timers);
	timers_init(&engine->thaws);
	timers_init(&engine->quiets);
	engine->next_token = 1;
	return engine;
}

void engine_destroy(struct engine *engine)
{
	struct tree_node *node;

	if (!engine)
		return;
	while ((node = tree_first(&engine->claims)) || (node = tree_first(&engine->paused)))
		claim_destroy(engine, container_of(node, struct claim, index));
	while ((node = tree_first(&engine->thaws.armed)))
		freeze_remove(engine, container_of(node, struct freeze, timer.node));
	denials_finish(engine);
	free(engine);
}

/* Fires what is due in the order in which it was, whichever clock each runs on, and looks at the
 * queues in between: after a stall, who was to be granted before his wait ended still is. */
static void tick(struct engine *engine, struct effects *fx)
{
	const struct now *now = &engine->now;
	struct timer *timer, *thaw;

	while (effects_room(fx)) {
		timer = timers_due(&engine->timers, now->mono_ns);
		thaw = timers_due(&engine->thaws, now->boot_ns);
		uint64_t late_ns = timer ? now->mono_ns - timer->deadline_ns : 0;

		if (thaw && now->boot_ns - thaw->deadline_ns >= late_ns)
			freeze_thaw(engine, container_of(thaw, struct freeze, timer), fx);
		else if (timer)
			claim_due(engine, container_of(timer, struct claim, timer), fx);
		else
			break;
		queue_run(engine, fx);
	}
	while (effects_room(fx) && (timer = timers_due(&engine->quiets, now->mono_ns)))
		denial_quiet(engine, timer, fx);
}

static void touch_all(struct engine *engine)
{
	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n))
		lock_touch(engine, container_of(n, struct lock, by_name));
}

void engine_step(struct engine *engine, const struct event *event, struct effects *fx)
{
	engine->now = event->now;
	switch (event->kind) {
	case EVENT_ACQUIRE: acquire(engine, event, fx); break;
	case EVENT_INTERRUPT: interrupt(engine, event, fx); break;
	case EVENT_CLOSE: hold_close(engine, event, fx); break;
	case EVENT_RENEW: hold_renew(engine, event, fx); break;
	case EVENT_RENEW_NAME: hold_renew_name(engine, event, fx); break;
	case EVENT_BREAK: hold_break(engine, event, fx); break;
	case EVENT_FREEZE: freeze_set(engine, event, fx); break;
	case EVENT_UNFREEZE: freeze_lift(engine, event, fx); break;
	case EVENT_TICK: tick(engine, fx); break;
	case EVENT_RECOVER: holds_recover(engine, event, fx); break;
	case EVENT_LOG: engine->log_failed = !event->writable; break;
	case EVENT_STOP:
		engine->stopping = true;
		touch_all(engine);
		break;
	}
	queue_run(engine, fx);
}

uint64_t engine_deadline(const struct engine *engine)
{
	uint64_t next = timers_next(&engine->timers), quiet = timers_next(&engine->quiets);
	uint64_t thaw = timers_next(&engine->thaws);

	if (!list_empty(&engine->dirty))
		return 0;
	if (quiet < next)
		next = quiet;
	if (thaw == NEVER)
		return next;
	/* The same distance on the other clock; while the machine sleeps the host's timer runs on. */
	uint64_t left = thaw > engine->now.boot_ns ? thaw - engine->now.boot_ns : 0;

	if (left >= NEVER - engine->now.mono_ns)
		return next;
	return engine->now.mono_ns + left < next ? engine->now.mono_ns + left : next;
}

bool engine_waits(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim && claim->state == CLAIM_WAITING;
}

bool engine_holds(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim && claim->state == CLAIM_HELD;
}

struct process_id engine_process(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim ? claim->process : (struct process_id){0};
}

struct totals engine_totals(const struct engine *engine)
{
	struct totals totals = {.freezes = engine->freeze_all ? 1 : 0};

	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n)) {
		const struct lock *lock = container_of(n, struct lock, by_name);

		totals.names += lock->holding || lock->waiting || lock->freeze;
		totals.holders += lock->holding;
		totals.waiters += lock->waiting;
		totals.freezes += lock->freeze != NULL;
	}
	return totals;
}

const struct counters *engine_counters(const struct engine *engine)
{
	return &engine->counters;
}
