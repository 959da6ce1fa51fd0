/* Mounting and unmounting. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "mountpoint.h"
#include "options.h"

/* Mounts, by root's right or fusermount3's. /dev/fuse's descriptor of the mount, which is `identity` (mountpoint.h) then,
 * and of which a read(2) never waits; -1 after a message. */
int mount_open(const struct options *options, char identity[MOUNT_TEXT]);

/* Takes the mount away, if it is there still: `identity` tells it from others. */
void mount_close(int fuse, const char *mountpoint, const char *identity);

#endif
