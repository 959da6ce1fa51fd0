/* See arrivals.h. */
#include "arrivals.h"

#include <stdlib.h>

#include "clock.h"
#include "daemon.h"
#include "hold_file.h"
#include "resent.h"
#include "revival.h"

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

/* Adds an arrival. False: there is no memory. */
static bool arrival_add(struct arrivals *arrivals, const struct arrival *arrival)
{
	const size_t room = arrivals->count;
	struct arrival *more = arrivals->list;

	if ((room & (room - 1)) == 0) /* full at every power of two */
		more = realloc(more, (room ? room * 2 : 1) * sizeof(*more));
	if (!more)
		return false;
	arrivals->list = more;
	more[arrivals->count++] = *arrival;
	return true;
}

/* Finds who may yet come back, where somebody ever was. */
static bool arrivals_paused(const struct carry *carry, struct arrivals *arrivals)
{
	const uint64_t now_ns = clock_mono();

	if (carry->head->paused_until_ns <= now_ns)
		return true;
	for (uint32_t i = 0; i < CARRY_PAUSES; i++) {
		const struct carry_pause *pause = &carry->pauses[i];

		if (!carry->head->paused[i / CARRY_PAUSES_NEAR])
			i += CARRY_PAUSES_NEAR - 1;
		else if (pause->until_ns > now_ns &&
			!arrival_add(arrivals, &(struct arrival){pause->since_ns, NULL, pause}))
			return false;
	}
	return true;
}

/* Finds who came back. */
static bool arrivals_returned(
	const struct carry *carry, const struct resents *requests, struct arrivals *arrivals)
{
	for (size_t i = 0; i < requests->count; i++) {
		struct resent *resent = &requests->list[i];
		const uint64_t since_ns = carry->waits[resent->wait].since_ns;

		if (resent->wait && (since_ns & CARRY_CAME_BACK) &&
			!arrival_add(arrivals, &(struct arrival){since_ns, resent, NULL}))
			return false;
	}
	return true;
}

struct arrivals arrivals_make(const struct daemon *daemon, const struct resents *requests)
{
	struct arrivals arrivals = {0};

	if (!arrivals_paused(&daemon->carry, &arrivals) ||
		!arrivals_returned(&daemon->carry, requests, &arrivals))
		revival_fail();
	if (arrivals.count)
		qsort(arrivals.list, arrivals.count, sizeof(*arrivals.list), arrival_compare);
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
