/* See inode.h. */
#include "inode.h"

#include <stdlib.h>
#include <string.h>

#include "core/list.h"

static const struct fixed {
	uint64_t number;
	const char *name;
} fixed[] = {
	{INODE_LOCKS, "locks"},
	{INODE_LEASES, "leases"},
	{INODE_FREEZES, "freezes"},
	{INODE_STATUS, "status"},
	{INODE_STATUS_JSON, "status.json"},
	{INODE_AUDIT, "audit"},
	{INODE_AUDIT_JSONL, "audit.jsonl"},
	{INODE_RENEW, "renew"},
	{INODE_METRICS, "metrics"},
};

#define FIXED (sizeof(fixed) / sizeof(fixed[0]))

struct key {
	uint32_t dir;
	const char *text;
};

static int number_compare(const void *key, const struct tree_node *node)
{
	uint64_t a = *(const uint64_t *)key;
	uint64_t b = container_of(node, const struct inode, by_number)->number;

	return a < b ? -1 : a > b;
}

static int text_compare(const void *key, const struct tree_node *node)
{
	const struct key *a = key;
	const struct inode *b = container_of(node, const struct inode, by_text);

	if (a->dir != b->dir)
		return a->dir < b->dir ? -1 : 1;
	return strcmp(a->text, b->text);
}

void inodes_init(struct inodes *inodes)
{
	tree_init(&inodes->by_number, number_compare);
	tree_init(&inodes->by_text, text_compare);
	inodes->next = INODE_FIRST;
}

static void inode_destroy(struct inodes *inodes, struct inode *inode)
{
	tree_remove(&inodes->by_number, &inode->by_number);
	tree_remove(&inodes->by_text, &inode->by_text);
	free(inode);
}

void inodes_finish(struct inodes *inodes)
{
	struct tree_node *node;

	while ((node = tree_first(&inodes->by_number)))
		inode_destroy(inodes, container_of(node, struct inode, by_number));
}

struct inode *inode_look_up(struct inodes *inodes, uint32_t dir, const char *text, size_t len)
{
	struct inode *inode = calloc(1, sizeof(*inode) + len + 1);

	if (!inode)
		return NULL;
	memcpy(inode->text, text, len);
	struct key key = {dir, inode->text};
	struct tree_node *node = tree_find(&inodes->by_text, &key);

	if (node) {
		free(inode);
		inode = container_of(node, struct inode, by_text);
	} else {
		inode->dir = dir;
		inode->number = inodes->next++;
		tree_insert(&inodes->by_number, &inode->number, &inode->by_number);
		tree_insert(&inodes->by_text, &key, &inode->by_text);
	}
	inode->lookups++;
	return inode;
}

struct inode *inode_find(const struct inodes *inodes, uint64_t number)
{
	struct tree_node *node = tree_find(&inodes->by_number, &number);

	return node ? container_of(node, struct inode, by_number) : NULL;
}

void inode_forget(struct inodes *inodes, uint64_t number, uint64_t lookups)
{
	struct inode *inode = inode_find(inodes, number);

	if (!inode)
		return;
	inode->lookups -= lookups < inode->lookups ? lookups : inode->lookups;
	if (inode->lookups == 0)
		inode_destroy(inodes, inode);
}

uint64_t inode_fixed(const char *name)
{
	for (size_t i = 0; i < FIXED; i++)
		if (strcmp(fixed[i].name, name) == 0)
			return fixed[i].number;
	return 0;
}

const char *inode_fixed_name(uint64_t number)
{
	for (size_t i = 0; i < FIXED; i++)
		if (fixed[i].number == number)
			return fixed[i].name;
	return NULL;
}
