/* One file of the log: log.<offset>.jsonl has the log from that byte of it on, and its first line is a
 * checkpoint. Offsets count the bytes of the whole log and are never used again. */
#ifndef FS_SEGMENT_H
#define FS_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
	uint64_t start; /* offset of its first byte */
	uint64_t size;
	uint64_t checkpoint; /* bytes of its first line, which is not history; 0: not measured */
	bool odd;            /* what has its name is not a file */
};

#define SEGMENT_NAME 80 /* room for the name of a file */

/* The name of the segment that begins there. */
void segment_name(uint64_t start, char name[SEGMENT_NAME]);

/* Finds the segments in a directory, in order; `segments` is allocated. False with errno set. */
bool segments_find(int dir, struct segment **segments, size_t *count);

/* Adds one to an allocated array. False when there is no memory. */
bool segments_add(struct segment **segments, size_t *count, const struct segment *segment);

/* The last of them that begins at or before `offset`; NULL when none does. */
struct segment *segments_at(struct segment *segments, size_t count, uint64_t offset);

/* Opens its file, as file_open() does. */
int segment_open(int dir, const struct segment *segment, int flags);

/* All of it, allocated; `len` may be less than its size if the file was cut meanwhile. NULL with errno
 * set. */
char *segment_load(int dir, const struct segment *segment, size_t *len);

/* Finds out where its first line ends. */
void segment_measure(int dir, struct segment *segment);

/* The offset of its end. */
static inline uint64_t segment_end(const struct segment *segment)
{
	return segment->start + segment->size;
}

/* How much of it is history, and no state. */
static inline uint64_t segment_history(const struct segment *segment)
{
	return segment->size > segment->checkpoint ? segment->size - segment->checkpoint : 0;
}

#endif
