/* Mounting and unmounting. */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "options.h"

/* Mounts, by root's right or fusermount3's. /dev/fuse's descriptor of the mount; -1 after a message. */
int mount_open(const struct options *options);

/* Takes the mount away, if it is there still: the first word of `identity` tells it from others (mountpoint.h). */
void mount_close(int fuse, const char *mountpoint, const char *identity);

#endif
