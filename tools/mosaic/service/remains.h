/* What a private mount has in the mosaic's directory, and how it is taken away. */
#ifndef MOSAIC_SERVICE_REMAINS_H
#define MOSAIC_SERVICE_REMAINS_H

#include <limits.h>

#define PRIVATE_POINT "mount"        /* the mount point */
#define PRIVATE_STATE "mount.state"  /* loktfs's state directory */
#define PRIVATE_MESSAGES "mount.log" /* what it says */

/* Writes the path of `file` in `dir`. Returns 0, or ENAMETOOLONG. */
int remains_path(char path[PATH_MAX], const char *dir, const char *file);

/* Takes away what a private mount has left in `dir`, the mount of a dead daemon too; the messages only
 * if there are none. What lives, or is not loktfs's, stays. Returns 0, or an errno: then `path` is
 * what is in the way. */
int remains_remove(const char *dir, char path[PATH_MAX]);

#endif
