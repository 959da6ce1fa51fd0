/* Random lives: what people and daemons may do, in an order that a seed decides. */
#ifndef TESTS_CORE_LIFE_H
#define TESTS_CORE_LIFE_H

#include "story.h"

enum act_kind {
	ACT_OPEN,
	ACT_CLOSE,
	ACT_DIE,
	ACT_PRUNE,
	ACT_RENEW,
	ACT_RENEW_NAME,
	ACT_INTERRUPT,
	ACT_BREAK,
	ACT_TAKE,
	ACT_TOUCH,
	ACT_REOPEN,
	ACT_REMOVE,
	ACT_FREEZE,
	ACT_UNFREEZE,
	ACT_ADVANCE, /* from here on time passes */
	ACT_STALL,
	ACT_SUSPEND,
	ACTS
};

/* One thing that is done. */
struct act {
	enum act_kind kind;
	char who[16], parent[16];
	char spec[48];   /* the names alone, but for ACT_OPEN and leases */
	const char *ttl; /* of a freeze, a lease or a renewal, or NULL */
	uint64_t id;     /* of a request, which can be closed, interrupted or renewed */
	uint64_t token, ms;
};

struct life {
	uint64_t seed;
	uint64_t again; /* the request that was interrupted last; 0: none */
};

/* What is done next: something that the kernel could do to a daemon. */
struct act life_choose(struct life *life, const struct world *world);

/* Does it. */
void life_do(struct world *world, const struct act *act);

#endif
