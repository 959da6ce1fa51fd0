/* Chooses the kind of a lock by its name, and is the kind that locks nothing. */
#include "locker.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static int none_act(struct locker *locker)
{
	(void)locker;
	return 0;
}

static void none_destroy(struct locker *locker)
{
	(void)locker;
}

static const struct locker_ops none_ops = {none_act, none_act, none_destroy};

static struct locker *none_create(const char *where, const char *name)
{
	static struct locker none = {&none_ops};

	(void)where;
	(void)name;
	return &none;
}

static const struct {
	const char *name;
	struct locker *(*create)(const char *where, const char *name);
} kinds[] = {
	{"path", locker_path_create},
	{"flock", locker_flock_create},
	{"redis", locker_redis_create},
	{"none", none_create},
};

struct locker *locker_create(const char *kind, const char *where, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].create(where, name);
	}
	errno = EINVAL;
	return NULL;
}
