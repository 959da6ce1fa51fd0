/* What stat(2) sees of each file. */
#ifndef FS_ATTR_H
#define FS_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define ATTR_FOREVER 86400.0 /* seconds that the kernel may remember a name which always exists */

struct daemon;
struct fuse_entry_param;

/* Fills in what a look-up of `text` in a directory replies, which refers to its inode once more. False: no
 * memory. */
bool entry_fill(struct daemon *daemon, uint64_t dir, const char *text, size_t len,
	struct fuse_entry_param *entry);

/* Fills in `st` for a fixed number or an inode. False: there is no such file. */
bool attr_fill(const struct daemon *daemon, uint64_t number, struct stat *st);

#endif
