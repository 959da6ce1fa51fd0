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

#include "damage.h"
#include "directory.h"
#include "file.h"
#include "message.h"

#define ROOM 65536 /* bytes there must be before the log is written again */

uint64_t disk_first(const struct disk *disk)
{
	return disk->count ? disk->segments[0].start : disk->end;
}

uint64_t disk_end(const struct disk *disk)
{
	return disk->end;
}

uint64_t disk_next(const struct disk *disk, uint64_t offset)
{
	const struct segment *segment = segments_at(disk->segments, disk->count, offset);

	if (offset >= disk->end || (segment && offset < segment_end(segment)))
		return offset;
	segment = segment ? segment + 1 : disk->segments;
	return segment < disk->segments + disk->count ? segment->start : offset;
}

bool disk_skip(struct disk *disk, uint64_t offset)
{
	if (offset <= disk->end)
		return false;
	disk->end = offset;
	if (disk->count == 0) /* there is nothing that could be synced */
		disk->synced = offset;
	return true;
}

bool disk_last_open(struct disk *disk)
{
	file_close(&disk->fd);
	if (disk->count > 0 && !disk_last(disk)->odd &&
		(disk->fd = segment_open(disk->dir, disk_last(disk), O_RDWR | O_APPEND)) < 0) {
		disk->state = DISK_TORN;
		disk->err = errno;
		disk->fd = segment_open(disk->dir, disk_last(disk), O_RDONLY);
		if (disk->fd < 0)
			return false;
	}
	disk->end = disk->count ? segment_end(disk_last(disk)) : 0;
	return true;
}

/* Finds what is there already. */
static bool log_open(struct disk *disk)
{
	unlinkat(disk->dir, DISK_NEW, 0);
	if (!segments_find(disk->dir, &disk->segments, &disk->count) || !disk_last_open(disk)) {
		message(LOG_ERR, "cannot read the log in %s: %s", disk->path, strerror(errno));
		return false;
	}
	disk->names = disk->count > 0;
	return true;
}

/* Has the lock: by the supervisor's descriptor, or one of our own, if the directory is another by now. */
static bool lock_have(struct disk *disk)
{
	if (directory_locked_by(disk->dir, disk->held))
		return true;
	disk->lock = directory_lock(disk->dir, disk->path);
	return disk->lock >= 0;
}

/* Whether the log in a directory has that line: in its last file, or the one before if that was just begun. */
static bool log_has(int dir, const struct chain_head *line)
{
	char end[CHAIN_HEX + sizeof("\"h\":\"\"}\n")];
	struct segment *segments = NULL;
	size_t count = 0, len = 0;
	bool has = false;

	snprintf(end, sizeof(end), "\"h\":\"%s\"}\n", line->h);
	segments_find(dir, &segments, &count);
	for (size_t i = 0; !has && i < 2 && i < count; i++) {
		char *data = segment_load(dir, &segments[count - 1 - i], &len);

		has = data && memmem(data, len, end, strlen(end));
		free(data);
	}
	free(segments);
	return has;
}

/* Somebody's holds are in this log: it is where the lock is, also if that was moved, or where the server before
 * went on when the lock's directory was gone. */
static void directory_follow(struct disk *disk, int lock, const struct chain_head *known)
{
	if (disk->dir >= 0 && (directory_locked_by(disk->dir, lock) || log_has(disk->dir, known)))
		return;
	file_close(&disk->dir);
	disk->dir = directory_of(lock);
	disk->state = DISK_GONE;
}

bool disk_open(struct disk *disk, const char *path, int lock, const struct chain_head *known,
	uint64_t keep)
{
	*disk = (struct disk){.dir = -1, .lock = -1, .fd = -1, .reader = -1, .keep = keep};
	disk->held = lock;
	disk->path = strdup(path);
	if (disk->path)
		disk->dir = directory_open(path, !known);
	else
		message(LOG_ERR, "not enough memory");
	if (disk->path && known)
		directory_follow(disk, lock, known);
	if (disk->dir >= 0 && lock_have(disk)) {
		damage_names(disk);
		if (log_open(disk) && (disk->count > 0 || !known))
			return true;
	}
	if (known && disk->path && disk->count == 0)
		message(LOG_ERR,
			"the log in which this mount's holds are is not in %s any more: nothing is "
			"served until it is put back",
			disk->path);
	disk_close(disk);
	return false;
}

void disk_close(struct disk *disk)
{
	file_close(&disk->reader);
	file_close(&disk->fd);
	file_close(&disk->lock);
	file_close(&disk->dir);
	free(disk->segments);
	free(disk->path);
	*disk = (struct disk){.dir = -1, .lock = -1, .fd = -1, .reader = -1};
}

/* Cuts the last file off where the log ends. */
static int end_cut(struct disk *disk)
{
	disk->ragged = ftruncate(disk->fd, (off_t)disk_last(disk)->size) != 0;
	return disk->ragged ? errno : 0;
}

int disk_append(struct disk *disk, const char *data, size_t len)
{
	int err;

	if (disk->fd < 0 || disk->state == DISK_GONE)
		return ENOENT;
	if (disk->state == DISK_TORN)
		return disk->err;
	if (disk->ragged && (err = end_cut(disk)) != 0)
		return err;
	if ((err = file_write(disk->fd, data, len)) == 0) {
		disk_last(disk)->size += len;
		disk->end += len;
	} else if (end_cut(disk) != 0 && disk->state == DISK_WHOLE) {
		/* Half a line stays: recovery sets it aside, and until then nothing is granted. */
		disk->state = DISK_TORN;
		disk->err = err;
	}
	return err;
}

void disk_cut(struct disk *disk, uint64_t offset)
{
	disk_last(disk)->size = offset - disk_last(disk)->start;
	disk->end = offset;
	if ((disk->err = end_cut(disk)) != 0 && disk->state == DISK_WHOLE)
		disk->state = DISK_TORN;
}

/* Syncs a file of the log that is not the last. 0, or an errno. */
static int segment_sync(const struct disk *disk, const struct segment *segment)
{
	int fd = segment_open(disk->dir, segment, O_RDONLY);
	int err = fd >= 0 && fdatasync(fd) == 0 ? 0 : errno;

	file_close(&fd);
	return err;
}

/* Syncs what disk_sync() has to, in its order. 0, or an errno. */
static int all_sync(struct disk *disk)
{
	const struct segment *segment = segments_at(disk->segments, disk->count, disk->synced);
	int err = 0;

	for (segment = segment ? segment : disk->segments; segment < disk_last(disk); segment++)
		if ((err = segment_sync(disk, segment)) != 0)
			return err;
	if (disk->names && fsync(disk->dir) != 0)
		return errno;
	return fdatasync(disk->fd) == 0 ? 0 : errno;
}

int disk_sync(struct disk *disk)
{
	int err = 0;

	if (disk->synced != disk->end) /* what failed once may say that it succeeds the next time */
		err = disk->fd < 0 || disk->state == DISK_DOUBTED ? EIO : all_sync(disk);

	if (err != 0) {
		if (disk->state != DISK_GONE)
			disk->state = DISK_DOUBTED;
		return err;
	}
	disk->names = false;
	disk->synced = disk->end;
	disk->anchor = disk->count ? disk_last(disk)->start : 0;
	return 0;
}

/* A descriptor to read a segment with; -1 with errno set. */
static int reader(struct disk *disk, const struct segment *segment)
{
	if (segment == disk_last(disk) && disk->fd >= 0)
		return disk->fd;
	if (disk->reader < 0 || disk->reader_start != segment->start) {
		file_close(&disk->reader);
		disk->reader = segment_open(disk->dir, segment, O_RDONLY);
		disk->reader_start = segment->start;
	}
	return disk->reader;
}

ssize_t disk_read(struct disk *disk, uint64_t offset, char *data, size_t len)
{
	size_t done = 0;

	while (done < len && offset + done < disk->end) {
		const uint64_t at = offset + done;
		const struct segment *segment = segments_at(disk->segments, disk->count, at);
		uint64_t left =
			segment && at < segment_end(segment) ? segment_end(segment) - at : 0;
		int fd = left ? reader(disk, segment) : -1;
		ssize_t got = -1;

		if (left > len - done)
			left = len - done;
		if (fd >= 0)
			got = file_read(fd, data + done, left, (off_t)(at - segment->start));
		if (got <= 0) /* a gap, or a file that was cut */
			return done ? (ssize_t)done : -1;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* Whether the last file is what was written, and where a restart would find it. */
static bool last_there(const struct disk *disk)
{
	char name[SEGMENT_NAME];
	struct stat st;

	if (disk->fd < 0 || disk->end != segment_end(disk_last(disk)))
		return false;
	segment_name(disk_last(disk)->start, name);
	return directory_there(disk->dir, disk->path) &&
		file_same_name(disk->fd, disk->dir, name) && fstat(disk->fd, &st) == 0 &&
		(uint64_t)st.st_size == disk_last(disk)->size;
}

void disk_look(struct disk *disk)
{
	if (disk->fd >= 0 && disk->state == DISK_WHOLE && !last_there(disk))
		disk->state = DISK_GONE;
}

/* The path leads to another directory by now: the log goes on there, if the one that is there has not
 * got further. 0, or an errno. */
static int directory_change(struct disk *disk)
{
	struct segment *segments = NULL;
	size_t count = 0;
	int dir = open(disk->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool held = dir >= 0 && directory_locked_by(dir, disk->held);
	int lock = dir >= 0 && !held ? directory_try_lock(dir) : -1, err = errno;
	const bool locked = held || lock >= 0;

	if (!locked || !segments_find(dir, &segments, &count) ||
		(count > 0 && segment_end(&segments[count - 1]) > disk->end)) {
		err = locked ? EEXIST : err;
		free(segments);
		file_close(&lock);
		file_close(&dir);
		return err;
	}
	file_close(&disk->reader);
	file_close(&disk->fd);
	file_close(&disk->lock);
	file_close(&disk->dir);
	free(disk->segments);
	disk->dir = dir;
	disk->lock = lock;
	disk->segments = segments;
	disk->count = count;
	disk->state = DISK_GONE;
	disk->damage.left = false;
	return 0;
}

/* Whether there is room for some lines. 0, or an errno. */
static int room_probe(const struct disk *disk)
{
	if (fallocate(disk->fd, FALLOC_FL_KEEP_SIZE, (off_t)disk_last(disk)->size, ROOM) == 0 ||
		errno == EOPNOTSUPP || errno == ENOSYS)
		return 0;
	return errno;
}

/* Opens the last file once more if it could only be read. 0, or an errno. */
static int last_reopen(struct disk *disk)
{
	int fd, err;

	if ((fcntl(disk->fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return 0;
	if ((fd = segment_open(disk->dir, disk_last(disk), O_RDWR | O_APPEND)) < 0)
		return errno;
	err = file_same(fd, disk->fd) ? 0 : ESTALE;
	file_close(&disk->fd);
	disk->fd = fd;
	if (err != 0)
		disk->state = DISK_GONE;
	return err;
}

int disk_mend(struct disk *disk)
{
	int err;

	if ((disk->state == DISK_GONE || disk->state == DISK_DOUBTED) &&
		!directory_there(disk->dir, disk->path) && (err = directory_change(disk)) != 0)
		return err;
	if (!damage_settle(disk))
		return errno;
	if (disk->state != DISK_GONE && (err = last_reopen(disk)) != 0)
		return err;
	if (disk->state == DISK_DOUBTED || (disk->state == DISK_GONE && !last_there(disk)))
		return ESTALE;
	if (disk->state == DISK_TORN && (err = end_cut(disk)) != 0)
		return err;
	disk->state = DISK_WHOLE;
	disk_look(disk);
	return disk->state == DISK_WHOLE ? room_probe(disk) : ENOENT;
}
