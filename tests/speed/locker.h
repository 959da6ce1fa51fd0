/* A lock as one of the compared systems gives it, so that one loop can measure them all. */
#pragma once

#include <stddef.h>

struct locker;

/* What a kind of lock can do. Each returns 0 or an errno. */
struct locker_ops {
	int (*acquire)(struct locker *); /* waits until the lock is held */
	int (*release)(struct locker *); /* of a held lock */
	void (*destroy)(struct locker *);
};

/* Begins the struct of every kind. */
struct locker {
	const struct locker_ops *ops;
};

/*
 * The lock `name` of the system `kind` at `where`; NULL with errno set. For one process, to be made
 * after fork(). Kinds:
 *   path   open(2) takes, close(2) releases: a mount of Lokt or of the floor; `where` is a directory
 *   flock  open(2), flock(2), close(2) of a file in the directory `where`, as flock(1) does
 *   redis  SET NX PX and a compare-and-delete script; `where` is a port on 127.0.0.1
 *   none   no lock at all: what the loop itself costs, and proof that it notices
 */
struct locker *locker_create(const char *kind, const char *where, const char *name);

static inline int locker_acquire(struct locker *locker)
{
	return locker->ops->acquire(locker);
}

static inline int locker_release(struct locker *locker)
{
	return locker->ops->release(locker);
}

/* Releases nothing; NULL is fine. */
static inline void locker_destroy(struct locker *locker)
{
	if (locker != NULL)
		locker->ops->destroy(locker);
}

/* The kinds, for locker.c. */
struct locker *locker_path_create(const char *dir, const char *name);
struct locker *locker_flock_create(const char *dir, const char *name);
struct locker *locker_redis_create(const char *port, const char *name);
