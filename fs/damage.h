/* What of the log failed its check, before anything is read of it and after: it is set aside. */
#ifndef FS_DAMAGE_H
#define FS_DAMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "aside.h"

struct disk;

/* What was set aside. */
struct damage {
	unsigned count;
	uint64_t bytes;        /* of the log */
	char name[ASIDE_NAME]; /* the last one's */
};

/* What has the name of one of our files, and is none. False after a message, as all of them. */
bool damage_names(struct disk *disk);

/* What stands from `offset` to the end of the last segment; all of it, and the segment is gone. */
bool damage_end(struct disk *disk, uint64_t offset);

/* What cannot be set aside from `offset` on stays where it is, and the log goes on in another file: a later
 * start finds that this one is too long. */
void damage_leave(struct disk *disk, uint64_t offset);

/* What stands before a gap: older segments that do not lead up to the last one, by their sizes, or, if it
 * is to be `thorough`, by the hashes where they meet. Nothing shows that they are its history, and no
 * reader is led over the gap. */
bool damage_history(struct disk *disk, bool thorough);

#endif
