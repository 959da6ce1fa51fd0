/* Files of the state directory, which anybody with rights there may have put something else in the
 * place of: only regular ones are opened, no link is followed and no pipe is waited for. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Opens a file; `flags` as of open(2), made files are for their owner alone. -1 with errno set:
 * EMEDIUMTYPE for what is not a regular file. */
int file_open(int dir, const char *name, int flags);

/* Closes it, if it is open, and makes it -1. Leaves errno as it is. */
void file_close(int *fd);

/* Whether there is something of that name which file_open() would not open. */
bool file_odd(int dir, const char *name);

/* Writes all of `data`. 0, or an errno. */
int file_write(int fd, const char *data, size_t len);

/* Reads `len` bytes from `offset` on, fewer only at the end. -1 with errno set. */
ssize_t file_read(int fd, char *data, size_t len, off_t offset);

/* Gives a file another name, which must be free: EEXIST otherwise. 0, or an errno. */
int file_rename(int dir, const char *name, const char *to);

/* Whether two descriptors, or a descriptor and a name, are the same file. */
bool file_same(int fd, int other);
bool file_same_name(int fd, int dir, const char *name);

#endif
