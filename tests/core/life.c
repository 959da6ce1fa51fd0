/* See life.h. */
#include "life.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE 6
#define NAMES 5

static const char *const options[] = {"", "", "@try", "@timeout=30ms", "@timeout=200ms,ttl=100ms",
	"@ttl=50ms", "@ttl=1s", "@frozen=wait", "@frozen=wait,timeout=100ms"};
static const char *const ttls[] = {"20ms", "100ms", "1500ms", NULL};

/* How often each kind is chosen, of a hundred. */
static const unsigned chances[ACTS] = {
	[ACT_OPEN] = 30,
	[ACT_CLOSE] = 21,
	[ACT_DIE] = 4,
	[ACT_RENEW] = 8,
	[ACT_INTERRUPT] = 6,
	[ACT_BREAK] = 3,
	[ACT_FREEZE] = 3,
	[ACT_UNFREEZE] = 4,
	[ACT_ADVANCE] = 18,
	[ACT_STALL] = 2,
	[ACT_SUSPEND] = 1,
};

static uint64_t below(struct life *life, uint64_t limit)
{
	return check_random(&life->seed) % limit;
}

static enum act_kind kind_choose(struct life *life)
{
	uint64_t n = below(life, 100);
	enum act_kind kind = 0;

	while (n >= chances[kind])
		n -= chances[kind++];
	return kind;
}

/* Whether this can happen to the request: a descriptor is there, or a wait. */
static bool can_be(const struct world *world, uint64_t id, enum act_kind kind)
{
	const struct request *request = &world->requests[id - 1];

	if (!request->acquire)
		return false;
	if (kind == ACT_INTERRUPT)
		return !request->answered;
	return request->answered && request->err == OK && !request->closed;
}

/* A request that this can happen to, among the newest; 0: none was found. */
static uint64_t request_choose(struct life *life, const struct world *world, enum act_kind kind)
{
	size_t newest = world->n_requests < 100 ? world->n_requests : 100;

	for (int tries = 0; newest > 0 && tries < 20; tries++) {
		uint64_t id = world->n_requests - below(life, newest);

		if (can_be(world, id, kind))
			return id;
	}
	return 0;
}

/* Somebody asks for something; or, rather often, who was interrupted asks again. */
static void open_choose(struct life *life, const struct world *world, struct act *act)
{
	if (life->again && below(life, 2)) {
		strcpy(act->who, world->requests[life->again - 1].who);
		strcpy(act->spec, world->requests[life->again - 1].spec);
		life->again = 0;
		return;
	}
	snprintf(act->who, sizeof(act->who), "u%u/%u", (unsigned)below(life, PEOPLE),
		(unsigned)below(life, 5));
	snprintf(act->spec, sizeof(act->spec), "lock%u%s", (unsigned)below(life, NAMES),
		options[below(life, sizeof(options) / sizeof(options[0]))]);
}

struct act life_choose(struct life *life, const struct world *world)
{
	struct act act = {.kind = kind_choose(life)};

	snprintf(act.who, sizeof(act.who), below(life, 3) ? "root" : "u%u",
		(unsigned)below(life, PEOPLE));
	snprintf(act.spec, sizeof(act.spec), below(life, 8) ? "lock%u" : "@all",
		(unsigned)below(life, NAMES));
	act.ttl = ttls[below(life, 4)];
	act.ms = below(life, 40);
	switch (act.kind) {
	case ACT_OPEN: open_choose(life, world, &act); break;
	case ACT_CLOSE:
	case ACT_DIE:
	case ACT_RENEW:
	case ACT_INTERRUPT:
		if (!(act.id = request_choose(life, world, act.kind)))
			act.kind = ACT_ADVANCE;
		else if (act.kind == ACT_INTERRUPT)
			life->again = act.id;
		break;
	case ACT_BREAK: {
		uint64_t id = request_choose(life, world, ACT_CLOSE);

		strcpy(act.spec, id ? world->requests[id - 1].name : "lock0");
		act.token = id && below(life, 4) ? world->requests[id - 1].token : below(life, 9);
		break;
	}
	case ACT_FREEZE: act.ttl = ttls[below(life, 3)]; break;
	case ACT_SUSPEND: act.ms *= 20; break;
	default: break;
	}
	return act;
}

void life_do(struct world *world, const struct act *act)
{
	switch (act->kind) {
	case ACT_OPEN: opens(world, act->who, act->spec); break;
	case ACT_CLOSE: closes_id(world, act->id); break;
	case ACT_DIE: dies_id(world, act->id, act->ms % 2 ? 9 : 0); break;
	case ACT_RENEW: renews_id(world, act->id, act->ttl); break;
	case ACT_INTERRUPT: interrupted_id(world, act->id); break;
	case ACT_BREAK: breaks(world, act->who, act->spec, act->token); break;
	case ACT_FREEZE: freezes(world, act->who, act->spec, act->ttl); break;
	case ACT_UNFREEZE: unfreezes(world, act->who, act->spec); break;
	case ACT_ADVANCE: advance(world, act->ms); break;
	case ACT_STALL: stall(world, act->ms); break;
	case ACT_SUSPEND: suspended(world, act->ms); break;
	case ACTS: break;
	}
}
