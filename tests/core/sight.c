/* See story.h: what the host sees of the descriptors that processes have. */
#include <stdlib.h>

#include "deed.h"
#include "teller.h"

static int32_t pid_of(const char *who)
{
	char owner[OWNER_MAX + 1];

	return actor_of(who, owner).process.pid;
}

void seen(struct world *world, const char *who, uint64_t id, bool has)
{
	CHECK(world->n_sights < SIGHTS_MAX);
	tell(world, "%s %s %s", who, has ? "has" : "has not", world->requests[id - 1].name);
	world->sights[world->n_sights++] = (struct sight){pid_of(who), id, has};
}

void visible(struct world *world, const char *who, bool is)
{
	CHECK(world->n_sights < SIGHTS_MAX);
	tell(world, "%s is%s to be seen", who, is ? "" : " not");
	world->sights[world->n_sights++] = (struct sight){pid_of(who), 0, is};
}

/* The last that was said of the process and request `id`; else what is so if nothing was. */
static bool sight_of(const struct world *world, int32_t pid, uint64_t id, bool otherwise)
{
	for (size_t i = world->n_sights; i-- > 0;)
		if (world->sights[i].pid == pid && world->sights[i].id == id)
			return world->sights[i].has;
	return otherwise;
}

/* Whether the process is seen to have a descriptor of what request `id` was granted. */
static bool sees(const struct world *world, int32_t pid, uint64_t id)
{
	const struct request *opened = &world->requests[id - 1];

	return opened->acquire && !opened->lease && opened->answered && opened->err == OK &&
		!opened->closed && sight_of(world, pid, id, pid_of(opened->who) == pid);
}

bool world_suspect(struct world *world)
{
	uint64_t *holds = calloc(world->n_requests + 1, sizeof(*holds)), id;
	bool any = false;

	CHECK(holds);
	while ((id = engine_suspect(world->engine)) != 0) {
		struct event event = {.kind = EVENT_SUSPECT, .id = id, .holds = holds};
		const int32_t pid = pid_of(world->requests[id - 1].who);

		event.complete = pid && sight_of(world, pid, 0, true);
		for (uint64_t one = 1; event.complete && one <= world->n_requests; one++)
			if (sees(world, pid, one))
				holds[event.n_holds++] = world->requests[one - 1].id;
		event.now = world->now;
		world->step(world->engine, &event, &world->fx);
		world_flush(world);
		any = true;
	}
	free(holds);
	return any;
}
