/* The log on the disk: appended to, rotated, read.
 *
 *   lock                              held while a daemon runs; says which
 *   log.<offset>.jsonl                the log from that byte of it on; the first line is a checkpoint
 *   tokens                            a number above every token, for the day when the log is damaged
 *   set-aside.<offset>-<time>.jsonl   what failed its check; never read again, never deleted
 */
#ifndef FS_DISK_H
#define FS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "segment.h"

struct disk {
	char *path; /* of the directory; owned */
	int dir, lock;
	int fd;                   /* the last segment, for appending; -1 before there is one */
	struct segment *segments; /* oldest first; owned */
	size_t count;
	uint64_t keep;     /* bytes of history to keep; a segment is an eighth of it at least */
	uint64_t begun_ns; /* when the last segment was, CLOCK_MONOTONIC; 0: by an earlier daemon */
	bool dirty;        /* the last segment has bytes that were not synced */
};

/* Opens the directory, made if it is not there, and takes its lock. False after a message. */
bool disk_open(struct disk *disk, const char *path, uint64_t keep);
void disk_close(struct disk *disk);

/* Writes who runs here into the lock file, for the one who is refused. */
void disk_claim(const struct disk *disk, const char *mountpoint);

/* Where the history begins, and where the next line will stand. */
uint64_t disk_first(const struct disk *disk);
uint64_t disk_end(const struct disk *disk);

/* Appends all of `data`, or nothing. 0, or an errno. */
int disk_append(struct disk *disk, const char *data, size_t len);

/* Waits until what was appended would outlive the machine. 0, or an errno. */
int disk_sync(struct disk *disk);

/* Makes the last segment ready for appending again after a failure that left it in doubt. 0, or an
 * errno. */
int disk_reopen(struct disk *disk);

/* Cuts the last segment off at this offset. 0, or an errno. */
int disk_cut(struct disk *disk, uint64_t offset);

/* Whether the last segment is as long as one should be. */
bool disk_full(const struct disk *disk);

/* Begins a new segment with `data`, synced, and deletes the oldest while there is more history than
 * to be kept. 0, or an errno and everything as it was. */
int disk_rotate(struct disk *disk, const char *data, size_t len);

/* Reads what stands at `offset`: `len` bytes, fewer only at the end. 0 at the end; -1 when it is no
 * longer there, or cannot be read. */
ssize_t disk_read(struct disk *disk, uint64_t offset, char *data, size_t len);

/* Moves what stands from `offset` to the end of the last segment into a file of its own, whose name
 * goes to `name` (at most `room` bytes). The segment goes with it if nothing of it is left. False
 * after a message, with nothing lost. */
bool disk_set_aside(struct disk *disk, uint64_t offset, char *name, size_t room);

/* Stops writing a file that somebody removed: appending then gives ENOENT. */
void disk_look(struct disk *disk);

#endif
