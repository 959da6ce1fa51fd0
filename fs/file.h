/* The bytes of a file in the state directory. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <stddef.h>

/* Writes all of `data`. 0, or an errno. */
int file_write(int fd, const char *data, size_t len);

#endif
