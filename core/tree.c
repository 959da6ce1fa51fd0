/* See tree.h. Insertion and removal cost O(log n) expected, whatever the order of keys. */
#include "tree.h"

#include <stdint.h>

void tree_init(struct tree *tree, int (*compare)(const void *, const struct tree_node *))
{
	*tree = (struct tree){.compare = compare};
}

/* The n-th number of splitmix64: weights that no order of insertion can foresee the shape of. */
static uint64_t weight_of(uint64_t n)
{
	uint64_t z = n * 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Where the pointer to `node` is kept: in its parent, or in the tree. */
static struct tree_node **place_of(struct tree *tree, struct tree_node *node)
{
	if (!node->up)
		return &tree->root;
	return &node->up->kid[node->up->kid[1] == node];
}

/* Lifts `node` over its parent. */
static void rotate_up(struct tree *tree, struct tree_node *node)
{
	struct tree_node *parent = node->up;
	struct tree_node **place = place_of(tree, parent);
	int side = parent->kid[1] == node;

	parent->kid[side] = node->kid[!side];
	if (parent->kid[side])
		parent->kid[side]->up = parent;
	node->kid[!side] = parent;
	node->up = parent->up;
	parent->up = node;
	*place = node;
}

struct tree_node *tree_find(const struct tree *tree, const void *key)
{
	struct tree_node *node = tree->root;

	while (node) {
		int order = tree->compare(key, node);

		if (order == 0)
			return node;
		node = node->kid[order > 0];
	}
	return NULL;
}

struct tree_node *tree_from(const struct tree *tree, const void *key)
{
	struct tree_node *node = tree->root, *best = NULL;

	while (node) {
		if (tree->compare(key, node) > 0) {
			node = node->kid[1];
		} else {
			best = node;
			node = node->kid[0];
		}
	}
	return best;
}

struct tree_node *tree_seek(struct tree *tree, const void *key, struct tree_place *place)
{
	*place = (struct tree_place){NULL, &tree->root};
	while (*place->at) {
		int order = tree->compare(key, *place->at);

		if (order == 0)
			return *place->at;
		place->up = *place->at;
		place->at = &place->up->kid[order > 0];
	}
	return NULL;
}

void tree_insert_at(struct tree *tree, const struct tree_place *place, struct tree_node *node)
{
	*node = (struct tree_node){.up = place->up, .weight = weight_of(++tree->inserted)};
	*place->at = node;
	while (node->up && node->up->weight < node->weight)
		rotate_up(tree, node);
}

void tree_insert(struct tree *tree, const void *key, struct tree_node *node)
{
	struct tree_place place = {NULL, &tree->root};

	while (*place.at) {
		place.up = *place.at;
		place.at = &place.up->kid[tree->compare(key, place.up) >= 0];
	}
	tree_insert_at(tree, &place, node);
}

void tree_remove(struct tree *tree, struct tree_node *node)
{
	while (node->kid[0] && node->kid[1])
		rotate_up(tree, node->kid[node->kid[0]->weight < node->kid[1]->weight]);

	struct tree_node *kid = node->kid[0] ? node->kid[0] : node->kid[1];

	*place_of(tree, node) = kid;
	if (kid)
		kid->up = node->up;
}

struct tree_node *tree_first(const struct tree *tree)
{
	struct tree_node *node = tree->root;

	while (node && node->kid[0])
		node = node->kid[0];
	return node;
}

struct tree_node *tree_next(const struct tree_node *node)
{
	if (node->kid[1]) {
		node = node->kid[1];
		while (node->kid[0])
			node = node->kid[0];
		return (struct tree_node *)node;
	}
	while (node->up && node->up->kid[1] == node)
		node = node->up;
	return node->up;
}
