/* See user.h. */
#include "user.h"

#include <stdlib.h>

#include "denial.h"
#include "state.h"

int user_compare(const void *uid, const struct tree_node *node)
{
	uint32_t a = *(const uint32_t *)uid, b = container_of(node, const struct user, by_uid)->uid;

	return a < b ? -1 : a > b;
}

struct user *user_get(struct engine *engine, uint32_t uid)
{
	struct tree_node *node = tree_find(&engine->users, &uid);
	struct user *user;

	if (node)
		return container_of(node, struct user, by_uid);
	if (!(user = calloc(1, sizeof(*user))))
		return NULL;
	user->uid = uid;
	tree_insert(&engine->users, &uid, &user->by_uid);
	return user;
}

void user_put(struct engine *engine, struct user *user)
{
	if (!user)
		return;
	for (enum limit limit = 0; limit < LIMITS; limit++)
		if (user->has[limit])
			return;
	tree_remove(&engine->users, &user->by_uid);
	free(user);
}

void user_add(struct engine *engine, struct user *user, enum limit limit, int count)
{
	user->has[limit] += (uint32_t)count;
	engine->has[limit] += (uint32_t)count;
}

bool user_may(
	const struct engine *engine, const struct user *user, enum limit limit, uint32_t count)
{
	const struct limits *limits = &engine->settings.limits;

	return (uint64_t)user->has[limit] + count <= limits->user[limit] &&
		(uint64_t)engine->has[limit] + count <= limits->total[limit];
}

void user_admit(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct user *user = user_get(engine, event->who.uid);
	enum err err = OK;

	if (!user) {
		err = ERR_NO_MEMORY;
	} else if (user_may(engine, user, event->limit, event->amount)) {
		user_add(engine, user, event->limit, (int)event->amount);
	} else {
		err = ERR_LIMIT;
		deny(engine, event->name, &event->who, REASON_LIMIT, limit_member(event->limit),
			fx);
	}
	effects_answer(fx, event->request, event->id, err);
	user_put(engine, user);
}

void user_dismiss(struct engine *engine, const struct event *event)
{
	struct user *user = user_get(engine, event->who.uid);

	if (user && user->has[event->limit] >= event->amount)
		user_add(engine, user, event->limit, -(int)event->amount);
	user_put(engine, user);
}

void user_readmit(struct engine *engine, const struct event *event)
{
	struct user *user = user_get(engine, event->who.uid);

	if (user)
		user_add(engine, user, event->limit, (int)event->amount);
}

const char *limit_member(enum limit limit)
{
	static const char *const members[LIMITS] = {
		[LIMIT_HOLDS] = ",\"limit\":\"max_holds\"",
		[LIMIT_WAITERS] = ",\"limit\":\"max_waiters\"",
		[LIMIT_LEASES] = ",\"limit\":\"max_leases\"",
		[LIMIT_FREEZES] = ",\"limit\":\"max_freezes\"",
		[LIMIT_READERS] = ",\"limit\":\"max_readers\"",
		[LIMIT_VIEWS] = ",\"limit\":\"max_views\"",
		[LIMIT_NAMES] = ",\"limit\":\"max_names\"",
	};

	return members[limit];
}
