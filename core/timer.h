/* Deadlines on one clock, the nearest first. */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "tree.h"

#define NEVER UINT64_MAX

struct timer {
	struct tree_node node; /* timers::armed */
	uint64_t deadline_ns;  /* NEVER: not armed */
};

struct timers {
	struct tree armed; /* of struct timer; equal deadlines in the order they were set */
};

void timers_init(struct timers *timers);
void timer_init(struct timer *timer);

/* Moves `timer` to this deadline; NEVER disarms it. */
void timer_set(struct timers *timers, struct timer *timer, uint64_t deadline_ns);

/* The nearest deadline, or NEVER; the timer whose deadline is not after `now_ns`, or NULL. */
uint64_t timers_next(const struct timers *timers);
struct timer *timers_due(const struct timers *timers, uint64_t now_ns);

/* `now_ns` plus `ms` milliseconds; NEVER when `ms` is TIME_NONE or the sum would overflow. */
uint64_t deadline_after(uint64_t now_ns, uint64_t ms);

/* The same for a deadline of `until_ms` by the wall clock, set for `ttl_ms` in another boot: where both
 * clocks stand now is `now_ns` and `wall_ms`. A wall clock that was set back must not make it longer
 * than it was meant: from each boot on it is `ttl_ms` at most. `until_ms` itself is not set back along with the
 * clock, for it is right again when that is, and a lease must not end early. */
uint64_t deadline_by_wall(uint64_t now_ns, int64_t wall_ms, int64_t until_ms, uint64_t ttl_ms);

#endif
