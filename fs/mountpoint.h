/* Where to mount: what must be so before, and what an earlier daemon left there. */
#ifndef FS_MOUNTPOINT_H
#define FS_MOUNTPOINT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether one can mount at `path`. A mount whose daemon died is taken away first. False after a
 * message. */
bool mountpoint_check(const char *path);

/* The device of the file system mounted at `path`, as /proc/PID/mountinfo writes it: "0:53". Empty if it
 * cannot be found. Nothing is asked of the file system itself. */
void mountpoint_device(const char *path, char device[32]);

/* Who has mounted there, as the kernel has it; (uid_t)-1: nobody. */
uid_t mountpoint_owner(const char *path);

/* Takes the mount at `path` away, however it is used. False: it could not. */
bool mountpoint_unmount(const char *path);

/* What tells the mount at `path` from others: its device and the number of that, "0:53/307924", and, unless it
 * is the first, the pid namespace of who serves it, "@f0000123". Empty if it cannot be found. */
#define MOUNT_TEXT 64
void mountpoint_identity(const char *path, char text[MOUNT_TEXT]);

/* The number that sysfs knows the device of a file system by: there for as long as anybody has a file of it open or it
 * is mounted anywhere, and never given again, as the device is. 0: there is none. */
uint64_t mountpoint_number(const char *device);

/* What of a file system is mounted as mount `number` in the eyes of a process: "/" mostly. Empty: it is
 * not mounted there. */
void mountpoint_root(int32_t pid, long long number, char root[PATH_MAX]);

/* The pid namespace of this process; 0: the first of all, which sees every process. */
uint32_t mountpoint_namespace(void);

#endif
