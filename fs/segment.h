/* One file of the log: log.<offset>.jsonl has the log from that byte of it on. Offsets count the bytes
 * of the whole log and are never used again. */
#ifndef FS_SEGMENT_H
#define FS_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct segment {
	uint64_t start; /* offset of its first byte */
	uint64_t size;
	uint64_t checkpoint; /* bytes of its first line, which is not history */
	int fd;              /* for reading; -1 until it is asked for */
};

#define SEGMENT_NAME 80 /* room for the name of a file */

/* The name of the segment that begins there. */
void segment_name(uint64_t start, char name[SEGMENT_NAME]);

/* Finds the segments in a directory, in order; `segments` is allocated. False with errno set. */
bool segments_find(int dir, struct segment **segments, size_t *count);

/* Adds one to an allocated array. False when there is no memory. */
bool segments_add(struct segment **segments, size_t *count, uint64_t start, uint64_t size);

/* Reads what stands at `offset` of the log, at most to the segment's end. As read(2). */
ssize_t segment_read(int dir, struct segment *segment, uint64_t offset, char *data, size_t len);

/* Where its first line ends. */
uint64_t segment_measure(int dir, struct segment *segment);

/* How much of it is history, and no state. */
static inline uint64_t segment_history(const struct segment *segment)
{
	return segment->size > segment->checkpoint ? segment->size - segment->checkpoint : 0;
}

#endif
