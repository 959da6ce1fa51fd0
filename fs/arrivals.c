/* See arrivals.h. */
#include "arrivals.h"

#include <stdlib.h>

#include "clock.h"
#include "daemon.h"
#include "hold_file.h"
#include "resent.h"

/* Somebody whose place in the queue is older than his request: he was interrupted and came back, or may yet. */
struct arrival {
	uint64_t since_ns;
	struct resent *resent; /* NULL: he may yet … */
	const struct carry_pause *pause;
};

static int arrival_compare(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	if (x->since_ns != y->since_ns)
		return x->since_ns < y->since_ns ? -1 : 1;
	return !x->resent - !y->resent;
}

/* Adds an arrival; or counts it, while there is no list. */
static void arrival_add(struct arrivals *arrivals, const struct arrival *arrival)
{
	if (arrivals->list)
		arrivals->list[arrivals->count] = *arrival;
	arrivals->count++;
}

/* Finds them all. */
static void arrivals_find(
	const struct daemon *daemon, const struct resents *requests, struct arrivals *arrivals)
{
	const struct carry *carry = &daemon->carry;
	const uint64_t now_ns = clock_mono();
	const bool paused = carry->head->paused_until_ns > now_ns;

	arrivals->count = 0;
	for (int32_t tid = 0; paused && tid < CARRY_PAUSES; tid++) {
		const struct carry_pause *pause = carry_pause_of(carry, tid);

		if (pause->until_ns > now_ns)
			arrival_add(arrivals, &(struct arrival){pause->since_ns, NULL, pause});
	}
	for (size_t i = 0; i < requests->count; i++) {
		struct resent *resent = &requests->list[i];
		const uint64_t since_ns = carry->waits[resent->wait].since_ns;

		if (resent->wait && (since_ns & CARRY_CAME_BACK))
			arrival_add(arrivals, &(struct arrival){since_ns, resent, NULL});
	}
}

struct arrivals arrivals_make(const struct daemon *daemon, const struct resents *requests)
{
	struct arrivals arrivals = {0};

	arrivals_find(daemon, requests, &arrivals);
	arrivals.list = calloc(arrivals.count + 1, sizeof(*arrivals.list));
	if (arrivals.list) {
		arrivals_find(daemon, requests, &arrivals);
		qsort(arrivals.list, arrivals.count, sizeof(*arrivals.list), arrival_compare);
	} else {
		arrivals.count = 0;
	}
	return arrivals;
}

void arrivals_queue(struct daemon *daemon, struct arrivals *arrivals, uint64_t before_ns)
{
	for (; arrivals->next < arrivals->count; arrivals->next++) {
		const struct arrival *arrival = &arrivals->list[arrivals->next];

		if (arrival->since_ns >= before_ns)
			break;
		if (arrival->resent)
			resent_handle(daemon, arrival->resent);
		else if (arrivals->next == 0 || /* or is he back? */
			(arrival[-1].since_ns ^ arrival->since_ns) > 3)
			hold_repause(daemon, arrival->pause);
	}
}
