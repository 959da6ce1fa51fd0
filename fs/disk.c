/* See disk.h. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "aside.h"
#include "clock.h"
#include "directory.h"
#include "file.h"
#include "message.h"

#define HASTE_NS 10000000000ULL /* a file that fills in less is not worth a sync of its end */
#define SEGMENTS 8              /* that the kept history is divided into */
#define NEW_NAME "new.jsonl"    /* a segment that is not complete yet */

void disk_claim(const struct disk *disk, const char *mountpoint)
{
	if (ftruncate(disk->lock, 0) == 0)
		dprintf(disk->lock, "loktfs at %s (pid %d)\n", mountpoint, getpid());
}

/* Opens the last segment for appending. */
static bool last_open(struct disk *disk)
{
	char name[SEGMENT_NAME];

	if (disk->fd >= 0)
		close(disk->fd);
	disk->fd = -1;
	if (disk->count == 0)
		return true;
	segment_name(disk->segments[disk->count - 1].start, name);
	disk->fd = openat(disk->dir, name, O_RDWR | O_APPEND | O_CLOEXEC);
	return disk->fd >= 0;
}

void disk_close(struct disk *disk)
{
	for (size_t i = 0; i < disk->count; i++)
		if (disk->segments[i].fd >= 0)
			close(disk->segments[i].fd);
	if (disk->fd >= 0)
		close(disk->fd);
	if (disk->lock >= 0)
		close(disk->lock);
	if (disk->dir >= 0)
		close(disk->dir);
	free(disk->segments);
	free(disk->path);
	*disk = (struct disk){.dir = -1, .lock = -1, .fd = -1};
}

static struct segment *last(const struct disk *disk)
{
	return &disk->segments[disk->count - 1];
}

uint64_t disk_first(const struct disk *disk)
{
	return disk->count ? disk->segments[0].start : 0;
}

uint64_t disk_end(const struct disk *disk)
{
	return disk->count ? last(disk)->start + last(disk)->size : 0;
}

int disk_append(struct disk *disk, const char *data, size_t len)
{
	int err = disk->fd < 0 ? ENOENT : file_write(disk->fd, data, len);

	if (err == 0) {
		last(disk)->size += len;
		disk->dirty = true;
	} else if (disk->fd >= 0 && ftruncate(disk->fd, (off_t)last(disk)->size) != 0) {
		/* Half a line stays: recovery sets it aside, and until then nothing is granted. */
		close(disk->fd);
		disk->fd = -1;
	}
	return err;
}

int disk_reopen(struct disk *disk)
{
	if (disk->fd >= 0)
		return 0;
	if (!last_open(disk) || ftruncate(disk->fd, (off_t)last(disk)->size) != 0) {
		int err = errno;

		if (disk->fd >= 0)
			close(disk->fd);
		disk->fd = -1;
		return err;
	}
	return 0;
}

int disk_sync(struct disk *disk)
{
	if (disk->dirty && fdatasync(disk->fd) != 0)
		return errno;
	disk->dirty = false;
	return 0;
}

int disk_cut(struct disk *disk, uint64_t offset)
{
	if (disk->fd < 0 || ftruncate(disk->fd, (off_t)(offset - last(disk)->start)) != 0)
		return disk->fd < 0 ? EBADF : errno;
	last(disk)->size = offset - last(disk)->start;
	return 0;
}

bool disk_full(const struct disk *disk)
{
	const struct segment *segment = disk->count ? last(disk) : NULL;

	/* A state that is longer than a segment must not be written more often than it is worth. */
	return !segment ||
		(segment_history(segment) >= disk->keep / SEGMENTS &&
			segment_history(segment) >= segment->checkpoint);
}

/* Deletes the oldest segments while the rest is history enough. */
static void trim(struct disk *disk)
{
	uint64_t history = 0;

	for (size_t i = 0; i < disk->count; i++)
		history += segment_history(&disk->segments[i]);
	while (disk->count > 1 && history - segment_history(&disk->segments[0]) >= disk->keep) {
		char name[SEGMENT_NAME];

		history -= segment_history(&disk->segments[0]);
		segment_name(disk->segments[0].start, name);
		unlinkat(disk->dir, name, 0);
		if (disk->segments[0].fd >= 0)
			close(disk->segments[0].fd);
		disk->count--;
		memmove(disk->segments, disk->segments + 1, disk->count * sizeof(*disk->segments));
	}
}

/* Writes a complete, synced file under NEW_NAME. 0, or an errno. */
static int new_write(const struct disk *disk, const char *data, size_t len)
{
	int fd = openat(disk->dir, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return errno;
	err = file_write(fd, data, len);
	if (err == 0 && fsync(fd) != 0)
		err = errno;
	close(fd);
	return err;
}

/* Whether the old file's end has to be safe before a new file is: or a crash of the machine may leave a gap in
 * the history. Where files fill within seconds they are soon gone, and their syncs would cost more
 * than all the rest. */
static bool end_matters(const struct disk *disk)
{
	return disk->count > 0 &&
		(!disk_full(disk) || clock_mono_coarse() - disk->begun_ns > HASTE_NS);
}

int disk_rotate(struct disk *disk, const char *data, size_t len)
{
	uint64_t start = disk_end(disk);
	char name[SEGMENT_NAME];
	int err = end_matters(disk) ? disk_sync(disk) : 0;

	if (err == 0)
		err = new_write(disk, data, len);
	if (err != 0)
		return err;
	segment_name(start, name);
	if (!segments_add(&disk->segments, &disk->count, start, len))
		return ENOMEM;
	if (renameat(disk->dir, NEW_NAME, disk->dir, name) != 0 || fsync(disk->dir) != 0) {
		err = errno;
		unlinkat(disk->dir, name, 0); /* or it would be recovered from */
		disk->count--;
		return err;
	}
	disk->dirty = false;
	last(disk)->checkpoint = len;
	disk->begun_ns = clock_mono_coarse();
	if (!last_open(disk))
		return errno;
	trim(disk);
	return 0;
}

/* The segment that `offset` stands in, or the one after a gap; NULL past the end. */
static struct segment *segment_at(struct disk *disk, uint64_t offset)
{
	for (size_t i = disk->count; i-- > 0;)
		if (offset >= disk->segments[i].start)
			return offset < disk->segments[i].start + disk->segments[i].size
				? &disk->segments[i]
				: NULL;
	return NULL;
}

ssize_t disk_read(struct disk *disk, uint64_t offset, char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		struct segment *segment = segment_at(disk, offset + done);
		ssize_t got = segment
			? segment_read(disk->dir, segment, offset + done, data + done, len - done)
			: 0;

		if (got < 0 || (!segment && done == 0 && offset < disk_end(disk)))
			return done ? (ssize_t)done : -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

bool disk_open(struct disk *disk, const char *path, uint64_t keep)
{
	*disk = (struct disk){.dir = -1, .lock = -1, .fd = -1, .keep = keep};
	disk->path = strdup(path);
	if (!disk->path || (disk->dir = directory_open(path)) < 0 ||
		(disk->lock = directory_lock(disk->dir, path)) < 0) {
		disk_close(disk);
		return false;
	}
	unlinkat(disk->dir, NEW_NAME, 0);
	if (segments_find(disk->dir, &disk->segments, &disk->count) && last_open(disk)) {
		for (size_t i = 0; i < disk->count; i++)
			disk->segments[i].checkpoint =
				segment_measure(disk->dir, &disk->segments[i]);
		return true;
	}
	message(LOG_ERR, "cannot read the log in %s: %s", path, strerror(errno));
	disk_close(disk);
	return false;
}

bool disk_set_aside(struct disk *disk, uint64_t offset, char *name, size_t room)
{
	struct segment *segment = last(disk);
	char old[SEGMENT_NAME];

	if (!aside_copy(disk->dir, disk->fd, offset - segment->start, offset, name, room)) {
		message(LOG_ERR, "cannot set aside the damaged end of the log in %s: %s",
			disk->path, strerror(errno));
		return false;
	}
	if (offset > segment->start)
		return disk_cut(disk, offset) == 0;
	segment_name(segment->start, old);
	if (segment->fd >= 0)
		close(segment->fd);
	unlinkat(disk->dir, old, 0);
	disk->count--;
	return last_open(disk);
}

void disk_look(struct disk *disk)
{
	struct stat st;

	if (disk->fd < 0 || (fstat(disk->fd, &st) == 0 && st.st_nlink > 0))
		return;
	close(disk->fd);
	disk->fd = -1;
}
