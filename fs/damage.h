/* What of the log failed its check, before anything is read of it and after: it is set aside, after a message. What
 * cannot be, on a disk that cannot be written, stays where it is and is not believed either. */
#ifndef FS_DAMAGE_H
#define FS_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "aside.h"

struct disk;

/* What was set aside, and the log does not say yet. */
struct damage {
	unsigned count;
	uint64_t bytes;        /* of the log */
	char name[ASIDE_NAME]; /* the last one's */
	bool blind;            /* nothing says how far the log had come */
	bool left;             /* there is more, which could not be set aside */
};

/* What has the name of one of our files beside the log, and is none. */
void damage_names(struct disk *disk);

/* What stands from `offset` to the end of the last segment; all of it, and the segment is gone. False: it could not be
 * set aside. */
bool damage_end(struct disk *disk, uint64_t offset);

/* Leaves it there for now; nothing is appended meanwhile. */
void damage_leave(struct disk *disk, uint64_t offset);

/* Sets that aside after all. False with errno set. */
bool damage_settle(struct disk *disk);

/* What stands before a gap: older segments that do not lead up to the last one, by their sizes, or, if it
 * is to be `thorough`, by the hashes where they meet. Nothing shows that they are its history, and no
 * reader is led over the gap. */
void damage_history(struct disk *disk, bool thorough);

#endif
