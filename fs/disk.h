/* The log on the disk: appended to, rotated, read.
 *
 *   lock                         held while a daemon runs; says which
 *   log.<offset>.jsonl           the log from that byte of it on; the first line is a checkpoint
 *   new.jsonl                    the next one, while it is being written
 *   tokens                       a number above every token, for the day when the log is damaged
 *   end                          how far the log had come, to notice that its end is missing
 *   set-aside.<time>.<name>      what failed its check; never read again, never deleted
 *
 * What a crash of the machine may leave. A write is safe once disk_sync() has returned after it, and a
 * new file at once if it was made `safe`; of anything younger there may be all, a part or nothing, in any
 * order: names without files, empty and short files, and missing ones between others. So
 *
 *   1. disk_sync() makes everything safe that was written before it: the data of each file that is
 *      not, oldest first, then the names, then the last file. What is synced leaves no gap before it.
 *   2. The newest file that begins with a whole checkpoint has the state. It stands for all before it, for
 *      what was synced is either in that checkpoint or after it: a sync that was answered came before the
 *      next file was begun, or went to this one.
 *   3. The newest file that is known to be safe is never deleted: or there might be none.
 *   4. A file that could not be synced is not believed any more, since the kernel may have dropped what it could
 *      not write: the log goes on in a new one, safe before anything is granted.
 *
 * While a daemon runs, somebody may take the files away. Nothing is written where no restart would find
 * it: then appending fails until they are there again, or their directory is. */
#ifndef FS_DISK_H
#define FS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/chain.h"
#include "damage.h"
#include "segment.h"

/* What can be said of the last file.
 *
 *   WHOLE --(a write failed, and so did taking back its half; it can only be read; its end fails its check and cannot
 *            be set aside)--> TORN --(disk_mend)--> WHOLE
 *   WHOLE --(disk_look: it is not what was written, or where)--> GONE --(it is there again)--> WHOLE
 *   any but GONE --(a sync failed)--> DOUBTED
 *   GONE, DOUBTED --(disk_rotate, safe)--> WHOLE
 */
enum disk_state { DISK_WHOLE, DISK_TORN, DISK_GONE, DISK_DOUBTED };

struct disk {
	char *path; /* of the directory; owned */
	int dir;
	int held; /* the lock that was handed to us: another's descriptor */
	int lock; /* our own, where the directory is another than that one's; -1 */
	enum disk_state state;
	int err;     /* why it is TORN, or what fails its check was left there */
	bool ragged; /* what was written past the end could not be taken back, and is to be first */
	int fd;      /* the last segment, for appending; -1 before there is one */
	int reader;  /* the one that was read last, if it is another; -1: none */
	uint64_t reader_start;    /* where that begins */
	struct segment *segments; /* oldest first; owned */
	size_t count;
	uint64_t end;     /* where the next line will stand */
	uint64_t reached; /* where the log had ended before its end was set aside; 0: it was not */
	uint64_t keep;    /* bytes of history to keep */
	uint64_t synced;  /* what stands before this offset is safe */
	uint64_t anchor;  /* where the newest segment begins that is safe from its first line on */
	uint64_t safe_ns; /* when that was begun, CLOCK_MONOTONIC; 0: by an earlier daemon */
	bool names;       /* some of the names are not safe */
	struct damage damage;
};

#define DISK_NEW "new.jsonl" /* a segment that is not complete yet */

/* The last segment; there must be one. */
static inline struct segment *disk_last(const struct disk *disk)
{
	return &disk->segments[disk->count - 1];
}

/* Opens the directory, which is made if it is not there. `lock` is the descriptor of its lock; if it is another's by
 * now, the lock is taken here. What is no file and has a name of ours is set aside. False after a message.
 *
 * With `known`, a line of the log, somebody's holds are in that log, and no other will do: it is looked for where the
 * lock has been moved to, and nothing is made. A disk that cannot be written is no reason to fail. */
bool disk_open(struct disk *disk, const char *path, int lock, const struct chain_head *known,
	uint64_t keep);
void disk_close(struct disk *disk);

/* Where the history begins, and where the next line will stand. */
uint64_t disk_first(const struct disk *disk);
uint64_t disk_end(const struct disk *disk);

/* Where the log goes on at or after `offset`: it has gaps where something was set aside, since no offset is used
 * again. */
uint64_t disk_next(const struct disk *disk, uint64_t offset);

/* Leaves out what stands before `offset`; the next line has to begin a new file. False: there is nothing to be
 * left out. */
bool disk_skip(struct disk *disk, uint64_t offset);

/* Appends all of `data`, or nothing. 0, or an errno. */
int disk_append(struct disk *disk, const char *data, size_t len);

/* Waits until everything that was written would outlive the machine. 0, or an errno. */
int disk_sync(struct disk *disk);

/* Takes back what was appended from this offset of the last segment on. */
void disk_cut(struct disk *disk, uint64_t offset);

/* Whether the last segment is as long as one should be. */
bool disk_full(const struct disk *disk);

/* Opens the last segment for appending. False with errno set. */
bool disk_last_open(struct disk *disk);

/* Begins a new segment with `data`, and deletes the oldest while there is more history than to be kept.
 * It is synced if it has to be `safe`, or if the newest that is safe would soon be the oldest. 0, or
 * an errno and everything as it was, but for the state. */
int disk_rotate(struct disk *disk, const char *data, size_t len, bool safe);

/* Reads what stands at `offset`: `len` bytes, fewer only at the end. 0 at the end; -1 when it is no
 * longer there, or cannot be read. */
ssize_t disk_read(struct disk *disk, uint64_t offset, char *data, size_t len);

/* Looks whether the last file is still what was written, in the directory that the path leads to. If
 * not, appending gives ENOENT. */
void disk_look(struct disk *disk);

/* Tries to make the log one that can be appended to, after that has failed. 0 if it can; ESTALE if it
 * takes a new segment, a safe one; or the errno that is in the way. */
int disk_mend(struct disk *disk);

#endif
