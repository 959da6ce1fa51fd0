/* Where to mount: what must be so before, and what an earlier daemon left there. */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <stdbool.h>

/* Whether one can mount at `path`. A mount whose daemon died is taken away first. False after a
 * message. */
bool mountpoint_check(const char *path);

/* The device of the file system mounted at `path`, as /proc/PID/mountinfo writes it: "0:53". Empty if it
 * cannot be found. Nothing is asked of the file system itself. */
void mountpoint_device(const char *path, char device[32]);

/* Takes the mount at `path` away, however it is used. False: it could not. */
bool mountpoint_unmount(const char *path);

#endif
