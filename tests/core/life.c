/* See life.h. */
#include "life.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE 6
#define NAMES 5
#define CROWD 16 /* who wait at a time: more, and hardly anybody ever holds */
#define NEWEST 2000

static const char *const options[] = {"", "", "@try", "@timeout=30ms", "@timeout=200ms,ttl=100ms",
	"@ttl=50ms", "@ttl=1s", "@frozen=wait", "@frozen=wait,timeout=100ms", "@bind=pid",
	"@shared", "@shared,try", "@shared,ttl=80ms", "@shared,timeout=150ms",
	"@shared,frozen=wait"};
static const char *const slots_options[] = {"@slots=2", "@slots=2,try", "@slots=2,ttl=70ms",
	"@slots=2,timeout=100ms", "@slots=2,frozen=wait", "@slots=3"};
static const char *const ttls[] = {"20ms", "100ms", "1500ms", NULL};

/* How often each kind is chosen, of a hundred. */
static const unsigned chances[ACTS] = {
	[ACT_OPEN] = 26,
	[ACT_CLOSE] = 19,
	[ACT_DIE] = 3,
	[ACT_PRUNE] = 1,
	[ACT_RENEW] = 6,
	[ACT_RENEW_NAME] = 2,
	[ACT_INTERRUPT] = 6,
	[ACT_BREAK] = 3,
	[ACT_TAKE] = 4,
	[ACT_TOUCH] = 2,
	[ACT_REOPEN] = 1,
	[ACT_REMOVE] = 2,
	[ACT_FREEZE] = 2,
	[ACT_UNFREEZE] = 3,
	[ACT_ADVANCE] = 17,
	[ACT_STALL] = 2,
	[ACT_SUSPEND] = 1,
};

/* A number below `limit`; never two in one call: compilers differ in which comes first. */
static uint64_t below(struct life *life, uint64_t limit)
{
	return check_random(&life->seed) % limit;
}

static const char *name_choose(struct life *life)
{
	static const char *const names[NAMES] = {"lock0", "lock1", "lock2", "lock3", "lock4"};

	return names[below(life, NAMES)];
}

static enum act_kind kind_choose(struct life *life, const struct world *world)
{
	uint64_t n = below(life, 100);
	enum act_kind kind = 0;

	while (n >= chances[kind])
		n -= chances[kind++];
	return kind == ACT_OPEN && world->pending > CROWD ? ACT_CLOSE : kind;
}

/* Whether this can happen to the request: a descriptor is there, or a wait. */
static bool can_be(const struct world *world, uint64_t id, enum act_kind kind)
{
	const struct request *request = &world->requests[id - 1];

	if (!request->acquire || (request->lease && (kind == ACT_DIE || kind == ACT_PRUNE)))
		return false;
	if (kind == ACT_INTERRUPT)
		return !request->answered;
	if (kind == ACT_PRUNE && !strstr(request->spec, "bind=pid"))
		return false; /* nobody looks after the opener's process */
	return request->answered && request->err == OK && !request->closed;
}

/* A request that this can happen to, if there is any among the newest; else 0. */
static uint64_t request_choose(struct life *life, const struct world *world, enum act_kind kind)
{
	const size_t newest = world->n_requests < NEWEST ? world->n_requests : NEWEST;
	const size_t first = newest ? below(life, newest) : 0;

	for (size_t i = 0; i < newest; i++) {
		const uint64_t id = world->n_requests - (first + i) % newest;

		if (can_be(world, id, kind))
			return id;
	}
	return 0;
}

/* A name, sometimes several: in any order, each once. The last two are those with slots. */
static void names_choose(struct life *life, char spec[48])
{
	static const char *const groups[] = {"lock0+lock1", "lock1+lock0", "lock2+lock1+lock0",
		"lock0+lock2", "lock2+lock3", "lock4+lock3", "lock1+lock4"};
	uint64_t n = below(life, 3 * sizeof(groups) / sizeof(groups[0]));

	if (n < sizeof(groups) / sizeof(groups[0]))
		strcpy(spec, groups[n]);
	else
		strcpy(spec, name_choose(life));
}

static void options_choose(struct life *life, char spec[48])
{
	const bool many = spec[4] >= '3' && below(life, 4);

	if (many)
		strcat(spec, slots_options[below(life, 6)]);
	else
		strcat(spec, options[below(life, sizeof(options) / sizeof(options[0]))]);
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
	const unsigned person = (unsigned)below(life, PEOPLE), thread = (unsigned)below(life, 5);

	snprintf(act->who, sizeof(act->who), "u%u/%u", person, thread);
	names_choose(life, act->spec);
	options_choose(life, act->spec);
}

/* Somebody wants something of a lease: mostly of one that is his. */
static void lease_choose(struct life *life, const struct world *world, struct act *act)
{
	const uint64_t id = request_choose(life, world, ACT_RENEW);

	strcpy(act->spec, name_choose(life));
	if (below(life, 3) == 0)
		strcat(act->spec, "@owner=ci");
	if (act->kind == ACT_TAKE) {
		act->ttl = ttls[below(life, 3)];
	} else if (id && world->requests[id - 1].lease && below(life, 4)) {
		strcpy(act->spec, world->requests[id - 1].spec);
		if (below(life, 4))
			strcpy(act->who, world->requests[id - 1].who);
	}
}

static void break_choose(struct life *life, const struct world *world, struct act *act)
{
	uint64_t id = request_choose(life, world, ACT_CLOSE);

	strcpy(act->spec, id ? world->requests[id - 1].name : "lock0");
	act->token = id && below(life, 4) ? world->requests[id - 1].token : below(life, 9);
	if (below(life, 2))
		act->spec[5] = '\0'; /* one of its names is enough */
}

struct act life_choose(struct life *life, const struct world *world)
{
	struct act act = {.kind = kind_choose(life, world)};

	snprintf(act.who, sizeof(act.who), "u%u", (unsigned)below(life, PEOPLE));
	if (below(life, 3))
		strcpy(act.who, "root");
	snprintf(act.parent, sizeof(act.parent), "u%u", (unsigned)below(life, PEOPLE));
	strcpy(act.spec, name_choose(life));
	if (below(life, 8) == 0)
		strcpy(act.spec, "@all");
	act.ttl = ttls[below(life, 4)];
	act.ms = below(life, 40);
	switch (act.kind) {
	case ACT_OPEN: open_choose(life, world, &act); break;
	case ACT_CLOSE:
	case ACT_DIE:
	case ACT_PRUNE:
	case ACT_RENEW:
	case ACT_INTERRUPT:
		if (!(act.id = request_choose(life, world, act.kind)))
			act.kind = ACT_ADVANCE;
		else if (act.kind == ACT_INTERRUPT)
			life->again = act.id;
		break;
	case ACT_RENEW_NAME: strcpy(act.spec, name_choose(life)); break;
	case ACT_BREAK: break_choose(life, world, &act); break;
	case ACT_TAKE:
	case ACT_TOUCH:
	case ACT_REOPEN:
	case ACT_REMOVE: lease_choose(life, world, &act); break;
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
	case ACT_PRUNE: survived_id(world, act->id, act->ms % 2 ? 9 : 0); break;
	case ACT_RENEW: renews_id(world, act->id, act->ttl); break;
	case ACT_RENEW_NAME: renews_name(world, act->who, act->parent, act->spec, act->ttl); break;
	case ACT_INTERRUPT: interrupted_id(world, act->id); break;
	case ACT_BREAK: breaks(world, act->who, act->spec, act->token); break;
	case ACT_TAKE: takes(world, act->who, act->spec, act->ttl); break;
	case ACT_TOUCH: touches(world, act->who, act->spec, act->ttl); break;
	case ACT_REOPEN: reopens(world, act->who, act->spec); break;
	case ACT_REMOVE: removes(world, act->who, act->spec); break;
	case ACT_FREEZE: freezes(world, act->who, act->spec, act->ttl); break;
	case ACT_UNFREEZE: unfreezes(world, act->who, act->spec); break;
	case ACT_ADVANCE: advance(world, act->ms); break;
	case ACT_STALL: stall(world, act->ms); break;
	case ACT_SUSPEND: suspended(world, act->ms); break;
	case ACTS: break;
	}
}
