/* Deadlocks: whether somebody who waits waits for himself. */
#ifndef CORE_DEADLOCK_H
#define CORE_DEADLOCK_H

#include <stddef.h>

#include "event.h"
#include "list.h"

struct claim;
struct engine;

/* The holds whose descriptors a waiter's process has: they do not end while it waits. */
struct kept {
	struct list link; /* engine::keepers */
	const struct claim *claim;
	size_t count;
	uint64_t holds[]; /* ids of claims */
};

/* What a waiter's process has was looked at: sends the waiter away if it waits for itself. */
void deadlock_suspect(struct engine *engine, const struct event *event, struct effects *fx);

/* When somebody who waits is next to be suspected, CLOCK_MONOTONIC; NEVER. */
uint64_t suspicion_next(const struct engine *engine);

/* Suspects everybody whose time it is: engine_suspect() gives them. */
void suspicions_raise(struct engine *engine);

/* Forgets what the waiter's process has, if that was looked at. */
void kept_forget(struct engine *engine, struct claim *claim);

#endif
