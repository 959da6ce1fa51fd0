/* The numbers that the kernel knows files by. The fixed ones are constants; a spec, a name's status
 * and a freeze get one while the kernel refers to them. A number is never used again. */
#ifndef FS_INODE_H
#define FS_INODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/tree.h"

struct carry;
struct carry_name;

enum {
	INODE_ROOT = 1, /* FUSE's own number for it */
	INODE_LOCKS,
	INODE_LEASES,
	INODE_FREEZES,
	INODE_STATUS,
	INODE_STATUS_JSON,
	INODE_AUDIT,
	INODE_AUDIT_JSONL,
	INODE_RENEW,
	INODE_METRICS,
	INODE_FIRST = 1000, /* of the others */
};

#define STATUS_SUFFIX ".json" /* of the files in status/ */

struct inode {
	struct tree_node by_number, by_text;
	uint64_t number;
	struct carry_name *kept; /* the same for the next server, with its lookups */
	uint32_t dir;            /* INODE_LOCKS, INODE_LEASES, INODE_FREEZES or INODE_STATUS */
	const char *text; /* its file name: a spec; a name or "@all"; a name without ".json" */
};

struct inodes {
	struct tree by_number, by_text;
	struct carry *carry;
};

/* Makes a table of what was carried over. False: there is no memory. */
bool inodes_init(struct inodes *inodes, struct carry *carry);
void inodes_finish(struct inodes *inodes);

/* The inode of this file, made if it is not there, with one lookup more. NULL: no memory, or too many. */
struct inode *inode_look_up(struct inodes *inodes, uint32_t dir, const char *text, size_t len);

/* The inode of this number, or NULL. */
struct inode *inode_find(const struct inodes *inodes, uint64_t number);

/* The kernel forgot so many lookups. */
void inode_forget(struct inodes *inodes, uint64_t number, uint64_t lookups);

/* The file that always has this name in the root, or 0; what it is called. */
uint64_t inode_fixed(const char *name);
const char *inode_fixed_name(uint64_t number);

#endif
