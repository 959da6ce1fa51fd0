/* Who has an older place in the queue than his request: see carry_wait and carry_pause. */
#ifndef FS_ARRIVALS_H
#define FS_ARRIVALS_H

#include <stddef.h>
#include <stdint.h>

struct arrival;
struct daemon;
struct resents;

struct arrivals {
	struct arrival *list; /* the oldest first; owned */
	size_t count, next;
};

/* Finds those who were interrupted before the restart: who came back, and who may yet. */
struct arrivals arrivals_make(const struct daemon *daemon, const struct resents *requests);

/* Puts those back into the queues whose place is older than this, CLOCK_MONOTONIC. */
void arrivals_queue(struct daemon *daemon, struct arrivals *arrivals, uint64_t before_ns);

#endif
