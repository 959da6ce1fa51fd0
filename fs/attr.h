/* What stat(2) sees of each file. */
#ifndef FS_ATTR_H
#define FS_ATTR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct daemon;

/* Fills in `st` for a fixed number or an inode. False: there is no such file. */
bool attr_fill(const struct daemon *daemon, uint64_t number, struct stat *st);

#endif
