/* Where to mount: what must be so before, and what an earlier daemon left there. */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Sees to it that one can mount at `path`: a mount whose daemon died is taken away. False after a message: one
 * cannot. */
bool mountpoint_prepare(const char *path);

/* The Lokt mount that is at a path, or that the path leads into. */
struct mounted {
	char device[32]; /* of its file system, as /proc/PID/mountinfo writes it: "0:53" */
	uid_t owner;     /* who has mounted it */
};

/* Finds it, however the path is written. Nothing is asked of the file system itself, which may be dead, or ours.
 * False: there is none. */
bool mountpoint_find(const char *path, struct mounted *mounted);

/* Takes the mount at `path` away, however it is used. False: it could not. */
bool mountpoint_unmount(const char *path);

/* What tells the mount at `path` from others: its device and the number of that, "0:53/307924", and, unless it
 * is the first, the pid namespace of who serves it, "@f0000123". False: there is no mount of Lokt. */
#define MOUNT_TEXT 64
bool mountpoint_identity(const char *path, char text[MOUNT_TEXT]);

/* The number that sysfs knows the device of a file system by: there for as long as anybody has a file of it open or it
 * is mounted anywhere, and never given again, as the device is. 0: there is none. */
uint64_t mountpoint_number(const char *device);

/* What of a file system is mounted as mount `number` in the eyes of a process: "/" mostly. Empty: it is
 * not mounted there. */
void mountpoint_root(int32_t pid, long long number, char root[PATH_MAX]);

/* The pid namespace of this process; 0: the first of all, which sees every process. */
uint32_t mountpoint_namespace(void);

#endif
