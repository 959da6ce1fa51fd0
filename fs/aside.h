/* What failed its check goes into a file of its own, set-aside.<offset>-<time>.jsonl: never read again,
 * never deleted. */
#ifndef FS_ASIDE_H
#define FS_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies the rest of the file `fd`, from byte `from` on, which is `offset` of the log. The new file is
 * synced, and its name goes to `name` (at most `room` bytes). False with errno set. */
bool aside_copy(int dir, int fd, uint64_t from, uint64_t offset, char *name, size_t room);

#endif
