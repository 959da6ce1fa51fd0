/* What /proc says of a process. Nothing here is remembered. */
#ifndef FS_PROC_H
#define FS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"

#define PROC_TICK_NS 10000000ULL /* what a process's start is rounded down to */

/* What /proc/PID/stat says. */
struct stat_line {
	char state;
	int32_t parent;
	int32_t threads;
	uint64_t flags, start_ns;
	int exit_code; /* -1: not shown to us */
};

/* Whether /proc numbers processes as this one does. It may be that of another pid namespace: then nothing
 * of it is to be believed, and every function here acts as if the process were gone. */
bool proc_is_ours(void);

/* Reads /proc/PID/stat. False, with errno set; ESRCH: the process is gone. */
bool stat_read(int32_t pid, struct stat_line *stat);

/* The file `name` of a process's directory, opened for reading, or -1. */
int proc_open(int32_t pid, const char *name);

/* The number that follows `key` in the text of a fdinfo file, or -1. */
long long proc_field(const char *text, const char *key, int base);

/* The process that a thread belongs to; 0 if it cannot be seen. */
int32_t proc_group(int32_t tid);

/* The user that may look into a process: its own; UINT32_MAX if it is gone. */
uint32_t proc_user(int32_t pid);

/* Whether a thread of the process runs that is not on its way out, or may: the first one may be gone, and the
 * process lives on. */
bool proc_has_thread(int32_t pid);

/* The process of this number and its ancestors, nearest first; how many were written to `family`. */
size_t proc_family(int32_t pid, struct process_id *family, size_t room);

/* The inodes of the files on the file system `device` ("0:53") that the process has descriptors of, one for
 * each descriptor but O_PATH ones; how many were written. The file system itself is never asked: it
 * may be ours. -1 if the process runs another thread, is another one by now, cannot be looked at,
 * or has more than there is room for. */
int proc_descriptors(struct process_id process, const char *device, uint64_t *inodes, int room);

#endif
