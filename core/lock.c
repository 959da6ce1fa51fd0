/* See lock.h. */
#include "lock.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

int lock_compare(const void *name, const struct tree_node *node)
{
	return strcmp(name, container_of(node, const struct lock, by_name)->name);
}

struct lock *lock_find(const struct engine *engine, const char *name)
{
	struct tree_node *node = tree_find(&engine->locks, name);

	return node ? container_of(node, struct lock, by_name) : NULL;
}

struct lock *lock_get(struct engine *engine, const char *name)
{
	struct tree_place place;
	struct tree_node *node = tree_seek(&engine->locks, name, &place);
	size_t len = strlen(name) + 1;
	struct lock *lock;

	if (node)
		return container_of(node, struct lock, by_name);
	lock = malloc(sizeof(*lock) + len);
	if (!lock)
		return NULL;
	*lock = (struct lock){0};
	memcpy(lock->name, name, len);
	list_init(&lock->waiters);
	list_init(&lock->holders);
	list_init(&lock->dirty);
	tree_insert_at(&engine->locks, &place, &lock->by_name);
	return lock;
}

void lock_put(struct engine *engine, struct lock *lock)
{
	if (lock->links > 0 || lock->freeze)
		return;
	list_remove(&lock->dirty);
	tree_remove(&engine->locks, &lock->by_name);
	free(lock);
}

void lock_touch(struct engine *engine, struct lock *lock)
{
	if (list_empty(&lock->dirty))
		list_add_before(&engine->dirty, &lock->dirty);
}
