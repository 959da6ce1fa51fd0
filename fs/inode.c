/* See inode.h. */
#include "inode.h"

#include <stdlib.h>
#include <string.h>

#include "carry.h"
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

/* Enters a name that the kernel knows. False: there is no memory. */
static bool inode_add(struct inodes *inodes, struct carry_name *kept)
{
	const struct key key = {kept->dir, kept->text};
	struct inode *inode = calloc(1, sizeof(*inode));

	if (!inode)
		return false;
	inode->kept = kept;
	inode->number = kept->number;
	inode->dir = kept->dir;
	inode->text = kept->text;
	tree_insert(&inodes->by_number, &inode->number, &inode->by_number);
	tree_insert(&inodes->by_text, &key, &inode->by_text);
	return true;
}

/* Enters a name that was carried over; not one that is there twice. */
static bool inode_revive(struct inodes *inodes, struct carry_name *kept)
{
	const struct key key = {kept->dir, kept->text};

	if (tree_find(&inodes->by_number, &kept->number) || tree_find(&inodes->by_text, &key)) {
		carry_name_remove(inodes->carry, kept);
		return true;
	}
	return inode_add(inodes, kept);
}

bool inodes_init(struct inodes *inodes, struct carry *carry)
{
	tree_init(&inodes->by_number, number_compare);
	tree_init(&inodes->by_text, text_compare);
	inodes->carry = carry;
	for (int table = 0; table < 2; table++)
		for (uint64_t i = 1; i < carry->head->n_names[table]; i++) {
			struct carry_name *kept = carry_name_at(carry, table, i);

			if (kept->number && !inode_revive(inodes, kept))
				return false;
		}
	return true;
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
	char copy[CARRY_TEXT_LONG];
	const struct key key = {dir, copy};
	struct carry_name *kept;
	struct tree_node *node;

	memcpy(copy, text, len);
	copy[len] = '\0';
	if ((node = tree_find(&inodes->by_text, &key))) {
		struct inode *inode = container_of(node, struct inode, by_text);

		inode->kept->lookups++;
		return inode;
	}
	kept = carry_name_add(inodes->carry, inodes->carry->head->next_inode++, dir, text, len);
	if (kept && !inode_add(inodes, kept)) {
		carry_name_remove(inodes->carry, kept);
		kept = NULL;
	}
	return kept ? inode_find(inodes, kept->number) : NULL;
}

struct inode *inode_find(const struct inodes *inodes, uint64_t number)
{
	struct tree_node *node = tree_find(&inodes->by_number, &number);

	return node ? container_of(node, struct inode, by_number) : NULL;
}

void inode_forget(struct inodes *inodes, uint64_t number, uint64_t lookups)
{
	struct inode *inode = inode_find(inodes, number);
	struct carry_name *kept = inode ? inode->kept : NULL;

	if (!kept)
		return;
	kept->lookups -= lookups < kept->lookups ? lookups : kept->lookups;
	if (kept->lookups > 0)
		return;
	inode_destroy(inodes, inode);
	carry_name_remove(inodes->carry, kept);
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
