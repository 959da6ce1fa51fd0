/* What failed its check is set aside: kept in the state directory as set-aside.<time>.<name>, never read
 * again, never written over, never deleted. <name> is the one that it had; a part of the log is called as
 * a file of the log that begins there. */
#ifndef FS_ASIDE_H
#define FS_ASIDE_H

#include <stdbool.h>
#include <stdint.h>

#define ASIDE_NAME 128 /* room for the name that it has from then on */

/* Copies the rest of the file `fd`, from byte `from` on, into a new file for `old`, synced. False with
 * errno set. */
bool aside_copy(int dir, int fd, uint64_t from, const char *old, char name[ASIDE_NAME]);

/* Gives whatever is called `old` such a name. False with errno set. */
bool aside_move(int dir, const char *old, char name[ASIDE_NAME]);

#endif
