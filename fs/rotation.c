/* The next file of the log, and the end of the oldest. See disk.h. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "clock.h"
#include "file.h"

#define SEGMENTS 8                     /* at least, that the kept history is divided into */
#define SEGMENT_MOST (2 * 1024 * 1024) /* of history: a new daemon has to read all of the last */
#define HASTE_NS 10000000000ULL        /* between two safe files: then the history is synced */

bool disk_full(const struct disk *disk)
{
	const uint64_t most =
		disk->keep / SEGMENTS < SEGMENT_MOST ? disk->keep / SEGMENTS : SEGMENT_MOST;
	struct segment *segment = disk->count ? disk_last(disk) : NULL;

	if (!segment)
		return true;
	if (segment->size >= most && segment->checkpoint == 0)
		segment_measure(disk->dir, segment);
	/* A state that is longer than a segment must not be written more often than it is worth. */
	return segment_history(segment) >= most && segment_history(segment) >= segment->checkpoint;
}

/* Deletes the oldest segments while the rest is history enough: never the newest that is safe, though disk_rotate()
 * makes a safe one before it could come to that. What an earlier daemon left is not measured, since there may be
 * thousands: such a file counts with its checkpoint, which as a rule is half of it at most. */
static void trim(struct disk *disk)
{
	uint64_t history = 0;
	size_t gone = 0;

	for (size_t i = 0; i < disk->count; i++)
		history += segment_history(&disk->segments[i]);
	while (disk->segments[gone].start < disk->anchor &&
		history - segment_history(&disk->segments[gone]) >= disk->keep) {
		char name[SEGMENT_NAME];

		history -= segment_history(&disk->segments[gone]);
		segment_name(disk->segments[gone].start, name);
		unlinkat(disk->dir, name, 0);
		gone++;
	}
	disk->count -= gone;
	memmove(disk->segments, disk->segments + gone, disk->count * sizeof(*disk->segments));
	if (gone > 0 && disk->reader_start < disk_first(disk))
		file_close(&disk->reader);
}

/* Writes a complete file under DISK_NEW. Its descriptor; -1 with errno set. */
static int new_write(struct disk *disk, const char *data, size_t len, bool safe)
{
	char aside[ASIDE_NAME];
	int fd, err;

	if (file_odd(disk->dir, DISK_NEW))
		aside_move(disk->dir, DISK_NEW, aside);
	unlinkat(disk->dir, DISK_NEW, 0);
	fd = file_open(disk->dir, DISK_NEW, O_RDWR | O_APPEND | O_CREAT | O_EXCL);
	if (fd < 0)
		return -1;
	err = file_write(fd, data, len);
	if (err == 0 && safe && fsync(fd) != 0)
		err = errno;
	if (err != 0) {
		file_close(&fd);
		errno = err;
	}
	return fd;
}

/* Gives the new file its name. 0, or an errno and it has none. */
static int new_name(struct disk *disk, const struct segment *segment, bool safe)
{
	char name[SEGMENT_NAME];
	int err;

	segment_name(segment->start, name);
	if ((err = file_rename(disk->dir, DISK_NEW, name)) != 0)
		return err;
	if (safe && fsync(disk->dir) != 0) {
		err = errno;
		if (unlinkat(disk->dir, name, 0) != 0) /* or it would be recovered from */
			disk->state = DISK_DOUBTED;
		return err;
	}
	disk->names = !safe;
	return 0;
}

/* Syncs the history before a safe file, or a crash of the machine may leave a gap in it. Where so much is
 * written that a safe one is due within seconds it is soon gone, and the sync would cost more than
 * all the rest; and what could not be synced once never can be. 0, or an errno. */
static int history_sync(struct disk *disk)
{
	const uint64_t now_ns = clock_mono_coarse();
	const bool haste = now_ns - disk->safe_ns < HASTE_NS;

	disk->safe_ns = now_ns;
	return haste || disk->state != DISK_WHOLE ? 0 : disk_sync(disk);
}

int disk_rotate(struct disk *disk, const char *data, size_t len, bool safe)
{
	const struct segment segment = {.start = disk->end, .size = len, .checkpoint = len};
	int fd, err;

	safe = safe || disk->end - disk->anchor > disk->keep / 2;
	if (safe && (err = history_sync(disk)) != 0)
		return err;
	if (!segments_add(&disk->segments, &disk->count, &segment))
		return ENOMEM;
	disk->count--;
	if ((fd = new_write(disk, data, len, safe)) < 0)
		return errno;
	if ((err = new_name(disk, &segment, safe)) != 0) {
		file_close(&fd);
		return err;
	}
	disk->count++;
	file_close(&disk->fd);
	disk->fd = fd;
	disk->end += len;
	if (disk->state != DISK_WHOLE) /* of what was before, nothing can be made safe any more */
		disk->synced = disk->end;
	if (safe)
		disk->anchor = segment.start;
	disk->state = DISK_WHOLE;
	trim(disk);
	return 0;
}
