/* See timer.h. */
#include "timer.h"

#include "list.h"

static int deadline_compare(const void *key, const struct tree_node *node)
{
	uint64_t a = *(const uint64_t *)key;
	uint64_t b = container_of(node, const struct timer, node)->deadline_ns;

	return a < b ? -1 : a > b;
}

void timers_init(struct timers *timers)
{
	tree_init(&timers->armed, deadline_compare);
}

void timer_init(struct timer *timer)
{
	timer->deadline_ns = NEVER;
}

void timer_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns)
{
	if (timer->deadline_ns != NEVER)
		tree_remove(&timers->armed, &timer->node);
	timer->deadline_ns = deadline_ns;
	if (deadline_ns != NEVER)
		tree_insert(&timers->armed, &deadline_ns, &timer->node);
}

uint64_t timers_next(const struct timers *timers)
{
	const struct tree_node *first = tree_first(&timers->armed);

	return first ? container_of(first, const struct timer, node)->deadline_ns : NEVER;
}

struct timer *timers_due(const struct timers *timers, uint64_t now_ns)
{
	struct tree_node *first = tree_first(&timers->armed);
	struct timer *timer = first ? container_of(first, struct timer, node) : NULL;

	return timer && timer->deadline_ns <= now_ns ? timer : NULL;
}

uint64_t deadline_after(uint64_t now_ns, uint64_t ms)
{
	if (ms >= (NEVER - now_ns) / 1000000)
		return NEVER;
	return now_ns + ms * 1000000;
}

uint64_t deadline_by_wall(uint64_t now_ns, int64_t wall_ms, int64_t until_ms, uint64_t ttl_ms)
{
	uint64_t left_ms = until_ms > wall_ms ? (uint64_t)until_ms - (uint64_t)wall_ms : 0;

	return deadline_after(now_ns, left_ms < ttl_ms ? left_ms : ttl_ms);
}
