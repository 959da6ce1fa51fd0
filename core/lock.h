/* One name: who holds it, who waits for it, and in what order. */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "tree.h"

struct claim;
struct engine;
struct freeze;

/* A claim's place at one of its names. */
struct link {
	struct list place; /* lock::waiters, then lock::holders, then alone */
	struct lock *lock;
	struct claim *claim;
};

struct lock {
	struct tree_node by_name;     /* engine::locks */
	struct list waiters, holders; /* of struct link, first come first */
	struct list dirty;            /* engine::dirty: its queue has to be looked at */
	struct freeze *freeze;        /* of this name, or NULL; owned */
	unsigned waiting, holding, links;
	uint32_t slots; /* what everybody says who waits or holds, while there is anybody */
	char name[];
};

/* The lock of this name, or NULL while nobody uses it. */
struct lock *lock_find(const struct engine *engine, const char *name);

/* The same, made if it is not there; NULL when there is no memory. */
struct lock *lock_get(struct engine *engine, const char *name);

/* Forgets the lock if nobody uses it any more. */
void lock_put(struct engine *engine, struct lock *lock);

/* Has the queue looked at before the step ends. */
void lock_touch(struct engine *engine, struct lock *lock);

/* The order of engine::locks. */
int lock_compare(const void *name, const struct tree_node *node);

#endif
