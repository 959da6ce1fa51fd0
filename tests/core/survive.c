/* See story.h: the daemon dies, and what there was goes on. */
#include <string.h>

#include "core/timer.h"
#include "deed.h"
#include "teller.h"

#define GRACE_NS 1000000000ULL /* how long the place of who was interrupted is kept */

/* Puts the engine that the log tells of in the place of the one that died. */
static void replayed(struct world *world)
{
	engine_destroy(world->engine);
	world->engine = journal_replay(&world->journal, world->journal.checkpoint);
	engine_configure(world->engine, &world->settings);
}

/* The log was replayed; every hold stays. */
static void recovered(struct world *world)
{
	struct event event = {
		.kind = EVENT_RECOVER, .same_boot = true, .trusted = true, .keep = true};

	world_step(world, &event);
}

/* Those who had a descriptor have it still, whether it holds or was lost. A lease has none. */
static void adopt(struct world *world)
{
	for (size_t i = 0; i < world->n_requests; i++) {
		struct request *request = &world->requests[i];

		if (!request->acquire || !request->answered || request->err != OK ||
			request->closed)
			continue;
		request->id = engine_replayed(request->token);
		CHECK(request->lease ||
			engine_adopt(world->engine, request->id, (void *)(uintptr_t)(i + 1)));
	}
}

/* Those who waited do so again, in the order of their first arrival: who was interrupted just before
 * has his place, but nobody is answered there. */
static void requeue(struct world *world, const struct request *request)
{
	char owner[OWNER_MAX + 1];
	struct spec spec;
	struct event event = {.kind = EVENT_REQUEUE,
		.who = actor_of(request->who, owner),
		.spec = spec_of(request->spec, &spec),
		.id = (uint64_t)(request - world->requests) + 1,
		.since_ns = request->queued_ns};

	if (spec.owner[0])
		event.who.owner = spec.owner;
	if (request->answered)
		event.until_ns = request->interrupted_ns + GRACE_NS;
	else
		event.request = (void *)(uintptr_t)event.id;
	world_step(world, &event);
}

/* Whether `a` came before `b`. */
static bool is_before(const struct request *a, const struct request *b)
{
	return a->queued_ns < b->queued_ns || (a->queued_ns == b->queued_ns && a < b);
}

/* The first that waited, or was interrupted, after `last` (NULL: of all); NULL: none is left. */
static struct request *next_waiting(struct world *world, const struct request *last)
{
	struct request *next = NULL;

	for (size_t i = 0; i < world->n_requests; i++) {
		struct request *request = &world->requests[i];

		if (request->queued_ns && (!last || is_before(last, request)) &&
			(!next || is_before(request, next)))
			next = request;
	}
	return next;
}

/* Notes since when each of them has waited: the old server told it to what outlives it. */
static void note_waiting(struct world *world)
{
	for (size_t i = 0; i < world->n_requests; i++) {
		struct request *request = &world->requests[i];

		if (request->acquire && !request->answered)
			request->queued_ns = engine_queued_ns(world->engine, i + 1);
		else if (!request->interrupted_ns ||
			request->interrupted_ns + GRACE_NS <= world->now.mono_ns)
			request->queued_ns = 0;
	}
}

void world_survive(struct world *world)
{
	struct request *request = NULL;

	note_waiting(world);
	replayed(world);
	adopt(world);
	recovered(world);
	while ((request = next_waiting(world, request)))
		requeue(world, request);
}

void world_orphan(struct world *world)
{
	tell(world, "the daemon and its mount are gone");
	for (size_t i = 0; i < world->n_requests; i++)
		world->requests[i].answered = world->requests[i].closed = true;
	world->pending = 0;
	replayed(world);
	recovered(world);
}

void orphan_stays(struct world *world, uint64_t id, const char *why)
{
	struct event event = {.kind = EVENT_KEEP, .id = id, .name = why};

	world_step(world, &event);
}

void orphan_ends(struct world *world, uint64_t id)
{
	struct event event = {.kind = EVENT_CLOSE, .id = id, .reason = REASON_UNKNOWN};

	tell(world, "nobody has it any more");
	world_step(world, &event);
}
