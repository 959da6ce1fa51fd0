/* What each user has of the things that are limited, so that one who runs away stops before anybody
 * else suffers. */
#ifndef CORE_USER_H
#define CORE_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "tree.h"

struct engine;
struct text;

enum limit {
	LIMIT_HOLDS,   /* descriptors that hold, or have lost, what they held */
	LIMIT_WAITERS, /* paused ones too */
	LIMIT_LEASES,
	LIMIT_FREEZES, /* counted by freeze.c */
	LIMIT_READERS, /* of the audit stream */
	LIMIT_VIEWS,   /* KiB of status and directories that are kept open */
	LIMIT_NAMES,   /* named by all of the user's holds and waits */
	LIMITS
};

/* How many of each one user, and all of them together, may have. */
struct limits {
	uint32_t user[LIMITS], total[LIMITS];
};

struct user {
	struct tree_node by_uid; /* engine::users */
	uint32_t uid;
	uint32_t has[LIMITS];
};

/* The user of this number, made if he has nothing yet; NULL when there is no memory. */
struct user *user_get(struct engine *engine, uint32_t uid);

/* Forgets a user who has nothing; NULL is allowed. */
void user_put(struct engine *engine, struct user *user);

/* Counts `count` more, or fewer. */
void user_add(struct engine *engine, struct user *user, enum limit limit, int count);

/* Whether he may have `count` more. */
bool user_may(
	const struct engine *engine, const struct user *user, enum limit limit, uint32_t count);

/* Gives somebody what the host counts, or not; and takes it back. */
struct effects;
struct event;
void user_admit(struct engine *engine, const struct event *event, struct effects *fx);
void user_dismiss(struct engine *engine, const struct event *event);
void user_readmit(struct engine *engine, const struct event *event);

/* What a denial says of a limit besides: record::more. */
const char *limit_member(enum limit limit);

/* The order of engine::users. */
int user_compare(const void *uid, const struct tree_node *node);

#endif
