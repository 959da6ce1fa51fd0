/* Where to mount: what must be so before, and what an earlier daemon left there. */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <stdbool.h>

/* Whether one can mount at `path`. A mount whose daemon died is taken away first. False after a
 * message. */
bool mountpoint_check(const char *path);

#endif
