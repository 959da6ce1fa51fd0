/* See engine.h: the seam. Each event goes to the file that owns its rule. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "deadlock.h"
#include "denial.h"
#include "hold.h"
#include "lease.h"
#include "queue.h"
#include "restart.h"
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
	tree_init(&engine->users, user_compare);
	list_init(&engine->dirty);
	for (int i = 0; i < LOOKS; i++)
		list_init(&engine->patient[i]);
	list_init(&engine->suspects);
	list_init(&engine->keepers);
	list_init(&engine->noticed);
	timers_init(&engine->timers);
	timers_init(&engine->lapses);
	timers_init(&engine->thaws);
	timers_init(&engine->quiets);
	engine->next_token = 1;
	engine->settings.deadlock_ms = TIME_NONE;
	memset(&engine->settings.limits, 0xff, sizeof(engine->settings.limits));
	return engine;
}

void engine_configure(struct engine *engine, const struct settings *settings)
{
	engine->settings = *settings;
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
	while ((node = tree_first(&engine->users))) { /* those who read */
		tree_remove(&engine->users, node);
		free(container_of(node, struct user, by_uid));
	}
	text_finish(&engine->cycle);
	free(engine);
}

/* Fires the one deadline that has been due the longest, whichever clock it runs on. False: none is due.
 * Of equals a thaw comes first, then a lease. */
static bool fire(struct engine *engine, struct effects *fx)
{
	const struct now *now = &engine->now;
	struct timer *thaw = timers_due(&engine->thaws, now->boot_ns);
	struct timer *lapse = timers_due(&engine->lapses, now->boot_ns);
	struct timer *timer = timers_due(&engine->timers, now->mono_ns);
	uint64_t thaw_late = thaw ? now->boot_ns - thaw->deadline_ns + 1 : 0;
	uint64_t lapse_late = lapse ? now->boot_ns - lapse->deadline_ns + 1 : 0;
	uint64_t timer_late = timer ? now->mono_ns - timer->deadline_ns + 1 : 0;

	if (thaw && thaw_late >= lapse_late && thaw_late >= timer_late)
		freeze_thaw(engine, container_of(thaw, struct freeze, timer), fx);
	else if (lapse && lapse_late >= timer_late)
		claim_due(engine, container_of(lapse, struct claim, timer), fx);
	else if (timer)
		claim_due(engine, container_of(timer, struct claim, timer), fx);
	else
		return false;
	return true;
}

/* Fires what is due in the order in which it was, and looks at the queues in between: after a stall,
 * who was to be granted before his wait ended still is. */
static void tick(struct engine *engine, struct effects *fx)
{
	struct timer *timer;

	while (effects_room(fx) && fire(engine, fx))
		queue_run(engine, fx);
	while (effects_room(fx) && (timer = timers_due(&engine->quiets, engine->now.mono_ns)))
		denial_quiet(engine, timer, fx);
	suspicions_raise(engine);
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
	case EVENT_ACQUIRE:
	case EVENT_LEASE_TAKE: acquire(engine, event, fx); break;
	case EVENT_INTERRUPT: interrupt(engine, event, fx); break;
	case EVENT_CLOSE: hold_close(engine, event, fx); break;
	case EVENT_PRUNE: hold_prune(engine, event, fx); break;
	case EVENT_RENEW: hold_renew(engine, event, fx); break;
	case EVENT_RENEW_NAME: hold_renew_name(engine, event, fx); break;
	case EVENT_BREAK: hold_break(engine, event, fx); break;
	case EVENT_FREEZE: freeze_set(engine, event, fx); break;
	case EVENT_UNFREEZE: freeze_lift(engine, event, fx); break;
	case EVENT_LEASE_OPEN: lease_open(engine, event, fx); break;
	case EVENT_LEASE_RENEW: lease_renew(engine, event, fx); break;
	case EVENT_LEASE_REMOVE: lease_remove(engine, event, fx); break;
	case EVENT_SUSPECT: deadlock_suspect(engine, event, fx); break;
	case EVENT_ADMIT: user_admit(engine, event, fx); break;
	case EVENT_DISMISS: user_dismiss(engine, event); break;
	case EVENT_READMIT: user_readmit(engine, event); break;
	case EVENT_TICK: tick(engine, fx); break;
	case EVENT_RECOVER: holds_recover(engine, event, fx); break;
	case EVENT_REQUEUE: requeue(engine, event, fx); break;
	case EVENT_KEEP: orphan_keep(engine, event, fx); break;
	case EVENT_LOG: engine->log_failed = !event->writable; break;
	case EVENT_STOP:
		engine->stopping = true;
		touch_all(engine);
		break;
	}
	queue_run(engine, fx);
	if (engine->stopping)
		denials_end(engine, fx);
}

/* The same distance on CLOCK_MONOTONIC for a deadline on CLOCK_BOOTTIME; while the machine sleeps the
 * host's timer runs on. */
static uint64_t mono_of(const struct engine *engine, uint64_t boot_ns)
{
	uint64_t left = boot_ns > engine->now.boot_ns ? boot_ns - engine->now.boot_ns : 0;

	return boot_ns != NEVER && left < NEVER - engine->now.mono_ns ? engine->now.mono_ns + left
								      : NEVER;
}

uint64_t engine_deadline(const struct engine *engine)
{
	const uint64_t deadlines[] = {timers_next(&engine->timers), timers_next(&engine->quiets),
		mono_of(engine, timers_next(&engine->thaws)),
		mono_of(engine, timers_next(&engine->lapses)), suspicion_next(engine)};
	uint64_t next = NEVER;

	if (!list_empty(&engine->dirty) || (engine->stopping && deadlines[1] != NEVER))
		return 0;
	for (size_t i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++)
		if (deadlines[i] < next)
			next = deadlines[i];
	return next;
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

bool engine_bound(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim && claim->state == CLAIM_HELD && claim->bind == BIND_PID;
}

bool engine_waited_for(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	for (uint32_t i = 0; claim && claim->state == CLAIM_HELD && i < claim->links; i++)
		if (lock_first_waiting(claim->link[i].lock))
			return true;
	return false;
}

void engine_watch(struct engine *engine, uint64_t id)
{
	struct claim *claim = claim_find(engine, id);

	if (claim)
		claim->watched = true;
}

void *engine_notice(struct engine *engine)
{
	struct claim *claim;

	if (list_empty(&engine->noticed))
		return NULL;
	claim = container_of(engine->noticed.next, struct claim, attention);
	list_remove(&claim->attention);
	claim->watched = false;
	return claim->request;
}

struct process_id engine_process(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim ? claim->process : (struct process_id){0};
}

uint64_t engine_granted_ns(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	if (!claim || claim->token == 0)
		return 0;
	return claim->acquired_ns + (engine->now.boot_ns - engine->now.mono_ns);
}

uint64_t engine_token(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim ? claim->token : 0;
}

uint64_t engine_queued_ns(const struct engine *engine, uint64_t id)
{
	const struct claim *claim = claim_find(engine, id);

	return claim && claim->state == CLAIM_WAITING ? claim->queued_ns : 0;
}

struct totals engine_totals(const struct engine *engine)
{
	struct totals totals = {.freezes = engine->freeze_all ? 1 : 0,
		.leases = engine->has[LIMIT_LEASES],
		.waiters = engine->has[LIMIT_WAITERS],
		.readers = engine->has[LIMIT_READERS]};

	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n)) {
		const struct lock *lock = container_of(n, struct lock, by_name);

		totals.names += lock->holding || lock->waiting || lock->freeze;
		totals.freezes += lock->freeze != NULL;
	}
	for (struct tree_node *n = tree_first(&engine->claims); n; n = tree_next(n))
		totals.holders += container_of(n, struct claim, index)->state == CLAIM_HELD;
	return totals;
}

const struct counters *engine_counters(const struct engine *engine)
{
	return &engine->counters;
}
