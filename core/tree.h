/* An ordered index whose nodes live inside its members: a treap. It allocates nothing. */
#ifndef CORE_TREE_H
#define CORE_TREE_H

#include <stddef.h>
#include <stdint.h>

struct tree_node {
	struct tree_node *up, *kid[2];
	uint64_t weight; /* parents weigh more than their children (Seidel and Aragon, 1996) */
};

struct tree {
	struct tree_node *root;
	/* Orders `key` against a member: below zero, zero, or above zero. */
	int (*compare)(const void *key, const struct tree_node *);
	uint64_t inserted; /* the source of the weights: the same calls give the same shape */
};

/* Makes an empty index with this order. There is nothing to finish. */
void tree_init(struct tree *tree, int (*compare)(const void *key, const struct tree_node *));

/* The member equal to `key`, or NULL. */
struct tree_node *tree_find(const struct tree *tree, const void *key);

/* The first member that is not below `key`, or NULL. */
struct tree_node *tree_from(const struct tree *tree, const void *key);

/* The member equal to `key`; or NULL, and where one would be, for tree_insert_at(). */
struct tree_place {
	struct tree_node *up, **at;
};
struct tree_node *tree_seek(struct tree *tree, const void *key, struct tree_place *place);

/* Inserts `node` where nothing was inserted or removed since it was sought. */
void tree_insert_at(struct tree *tree, const struct tree_place *place, struct tree_node *node);

/* Inserts `node`, which compares as `key`, after those equal to it. */
void tree_insert(struct tree *tree, const void *key, struct tree_node *node);

/* Removes `node`, which must be a member. */
void tree_remove(struct tree *tree, struct tree_node *node);

/* The first member in order, or NULL; the one after `node`, or NULL. */
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);

#endif
