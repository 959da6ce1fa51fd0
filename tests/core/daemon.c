/* See story.h: what happens to the daemon, and the time that passes around it. */
#include <string.h>

#include "story.h"
#include "teller.h"

#define MS 1000000ULL

void world_begin(struct world *world)
{
	world->batching = true;
}

void world_commit(struct world *world)
{
	world->batching = false;
	world_flush(world);
	world_tick(world);
}

void world_stop(struct world *world)
{
	struct event event = {.kind = EVENT_STOP};

	tell(world, "stop");
	world_step(world, &event);
}

void log_fails(struct world *world)
{
	tell(world, "the log fails");
	world->journal.failing = true;
}

void log_works(struct world *world)
{
	struct event event = {.kind = EVENT_LOG, .writable = true};

	if (!world->journal.failing)
		return;
	tell(world, "the log works");
	journal_pay(&world->journal);
	world_step(world, &event);
}

void world_configure(struct world *world)
{
	engine_configure(world->engine, &world->settings);
}

struct world *world_limited(enum limit limit, uint32_t user, uint32_t total)
{
	struct world *world = world_create();

	world->settings.limits.user[limit] = user;
	world->settings.limits.total[limit] = total;
	world_configure(world);
	return world;
}

struct world *world_suspicious(void)
{
	struct world *world = world_create();

	world->settings.deadlock_ms = 500;
	world_configure(world);
	return world;
}

void world_checkpoint(struct world *world)
{
	journal_checkpoint(&world->journal, world->engine, world->now.wall_ms);
}

void world_restart(struct world *world, bool same_boot, bool trusted)
{
	struct event event = {.kind = EVENT_RECOVER, .same_boot = same_boot, .trusted = trusted};

	tell(world, "restart in %s boot", same_boot ? "the same" : "another");
	/* Who waits, and who holds, loses his descriptor with the mount. */
	for (size_t i = 0; i < world->n_requests; i++)
		world->requests[i].answered = world->requests[i].closed = true;
	world->pending = 0;
	engine_destroy(world->engine);
	world->engine = journal_replay(&world->journal, world->journal.checkpoint);
	engine_configure(world->engine, &world->settings);
	do
		world_step(world, &event);
	while (engine_recovering(world->engine));
	world_checkpoint(world);
}

/* Moves all three clocks. */
static void pass(struct world *world, uint64_t ns)
{
	uint64_t ms = (world->now.mono_ns + ns) / MS - world->now.mono_ns / MS;

	world->now.mono_ns += ns;
	world->now.boot_ns += ns;
	world->now.wall_ms += (int64_t)ms;
}

void advance(struct world *world, uint64_t ms)
{
	uint64_t end = world->now.mono_ns + ms * MS, next;

	while ((next = engine_deadline(world->engine)) <= end) {
		if (next > world->now.mono_ns)
			pass(world, next - world->now.mono_ns);
		world_tick(world);
	}
	pass(world, end - world->now.mono_ns);
}

void stall(struct world *world, uint64_t ms)
{
	pass(world, ms * MS);
}

void suspended(struct world *world, uint64_t ms)
{
	struct event event = {.kind = EVENT_TICK};

	tell(world, "suspended");
	world->now.boot_ns += ms * MS;
	world->now.wall_ms += (int64_t)ms;
	world_step(world, &event);
}

void wall_jumps(struct world *world, int64_t ms)
{
	tell(world, "the wall clock jumps by %lld", (long long)ms);
	world->now.wall_ms += ms;
}
