/* See disk.h. */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "message.h"

#define HASTE_NS 10000000000ULL /* a file that fills in less is not worth a sync of its end */
#define SEGMENTS 8              /* that the kept history is divided into */
#define NAME_ROOM 80
#define NEW_NAME "new.jsonl" /* a segment that is not complete yet */

#define MARK_NAME "tokens" /* the highest limit that any checkpoint gave */

static void segment_name(uint64_t start, char name[NAME_ROOM])
{
	snprintf(name, NAME_ROOM, "log.%020" PRIu64 ".jsonl", start);
}

/* Makes `path` and what is missing above it, for its owner alone. */
static bool directory_make(const char *path)
{
	char copy[4096];

	if (strlen(path) >= sizeof(copy))
		return false;
	strcpy(copy, path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	return mkdir(copy, 0700) == 0 || errno == EEXIST;
}

static bool lock_take(struct disk *disk)
{
	char holder[256] = "";

	disk->lock = openat(disk->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (disk->lock >= 0 && flock(disk->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (disk->lock >= 0 && errno == EWOULDBLOCK) {
		ssize_t len = read(disk->lock, holder, sizeof(holder) - 1);

		holder[len > 0 ? len : 0] = '\0';
		holder[strcspn(holder, "\n")] = '\0';
		message(LOG_ERR,
			"the state directory %s is in use%s%s: stop that daemon or give -o "
			"state=DIR",
			disk->path, *holder ? " by " : "", holder);
	} else {
		message(LOG_ERR, "cannot lock the state directory %s: %s", disk->path,
			strerror(errno));
	}
	return false;
}

void disk_claim(const struct disk *disk, const char *mountpoint)
{
	if (ftruncate(disk->lock, 0) == 0)
		dprintf(disk->lock, "loktfs at %s (pid %d)\n", mountpoint, getpid());
}

static int segment_compare(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool segment_add(struct disk *disk, uint64_t start, uint64_t size)
{
	struct segment *more = realloc(disk->segments, (disk->count + 1) * sizeof(*disk->segments));

	if (!more)
		return false;
	disk->segments = more;
	disk->segments[disk->count++] = (struct segment){.start = start, .size = size, .fd = -1};
	return true;
}

static bool segments_list(struct disk *disk)
{
	int fd = openat(disk->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	bool ok = dir != NULL;

	while (ok && (entry = readdir(dir))) {
		char expected[NAME_ROOM];
		struct stat st;
		uint64_t start;

		if (sscanf(entry->d_name, "log.%20" SCNu64 ".jsonl", &start) != 1)
			continue;
		segment_name(start, expected);
		if (strcmp(expected, entry->d_name) == 0 &&
			fstatat(disk->dir, entry->d_name, &st, 0) == 0)
			ok = segment_add(disk, start, (uint64_t)st.st_size);
	}
	if (dir)
		closedir(dir);
	if (ok && disk->count)
		qsort(disk->segments, disk->count, sizeof(*disk->segments), segment_compare);
	return ok;
}

/* Opens the last segment for appending. */
static bool last_open(struct disk *disk)
{
	char name[NAME_ROOM];

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

/* Writes all of `data`. 0, or an errno. */
static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, data, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? errno : ENOSPC;
		data += written;
		len -= (size_t)written;
	}
	return 0;
}

int disk_append(struct disk *disk, const char *data, size_t len)
{
	int err = disk->fd < 0 ? ENOENT : write_all(disk->fd, data, len);

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

/* How much of a segment is history, and no state. */
static uint64_t segment_history(const struct segment *segment)
{
	return segment->size > segment->checkpoint ? segment->size - segment->checkpoint : 0;
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
		char name[NAME_ROOM];

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
	err = write_all(fd, data, len);
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
	char name[NAME_ROOM];
	int err = end_matters(disk) ? disk_sync(disk) : 0;

	if (err == 0)
		err = new_write(disk, data, len);
	if (err != 0)
		return err;
	segment_name(start, name);
	if (!segment_add(disk, start, len))
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

/* Reads from one segment. */
static ssize_t segment_read(
	struct disk *disk, struct segment *segment, uint64_t offset, char *data, size_t len)
{
	uint64_t left = segment->start + segment->size - offset;
	char name[NAME_ROOM];

	if (segment->fd < 0) {
		segment_name(segment->start, name);
		segment->fd = openat(disk->dir, name, O_RDONLY | O_CLOEXEC);
	}
	return pread(segment->fd, data, len < left ? len : left, (off_t)(offset - segment->start));
}

ssize_t disk_read(struct disk *disk, uint64_t offset, char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		struct segment *segment = segment_at(disk, offset + done);
		ssize_t got = segment
			? segment_read(disk, segment, offset + done, data + done, len - done)
			: 0;

		if (got < 0 || (!segment && done == 0 && offset < disk_end(disk)))
			return done ? (ssize_t)done : -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* Where the first line of a segment ends: its checkpoint. */
static uint64_t checkpoint_measure(struct disk *disk, struct segment *segment)
{
	char data[65536];
	uint64_t len = 0;
	ssize_t got;

	while ((got = segment_read(disk, segment, segment->start + len, data, sizeof(data))) > 0) {
		const char *end = memchr(data, '\n', (size_t)got);

		if (end)
			return len + (uint64_t)(end - data) + 1;
		len += (uint64_t)got;
	}
	return len;
}

bool disk_open(struct disk *disk, const char *path, uint64_t keep)
{
	*disk = (struct disk){.dir = -1, .lock = -1, .fd = -1, .keep = keep};
	disk->path = strdup(path);
	if (!disk->path || !directory_make(path) ||
		(disk->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		message(LOG_ERR,
			"cannot use the state directory %s: %s (choose one with -o state=DIR)",
			path, strerror(errno));
		disk_close(disk);
		return false;
	}
	if (!lock_take(disk)) {
		disk_close(disk);
		return false;
	}
	unlinkat(disk->dir, NEW_NAME, 0);
	if (segments_list(disk) && last_open(disk)) {
		for (size_t i = 0; i < disk->count; i++)
			disk->segments[i].checkpoint = checkpoint_measure(disk, &disk->segments[i]);
		return true;
	}
	message(LOG_ERR, "cannot read the log in %s: %s", path, strerror(errno));
	disk_close(disk);
	return false;
}

/* Copies the rest of the last segment, from `from` on, into a new file. */
static bool tail_copy(struct disk *disk, uint64_t from, const char *name)
{
	int fd = openat(disk->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char data[65536];
	ssize_t len = 0;
	bool ok = fd >= 0;

	while (ok && (len = pread(disk->fd, data, sizeof(data), (off_t)from)) > 0) {
		ok = write_all(fd, data, (size_t)len) == 0;
		from += (uint64_t)len;
	}
	ok = ok && len == 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

bool disk_set_aside(struct disk *disk, uint64_t offset, char *name, size_t room)
{
	struct segment *segment = last(disk);
	char old[NAME_ROOM];

	snprintf(name, room, "set-aside.%020" PRIu64 "-%lld.jsonl", offset, (long long)time(NULL));
	if (!tail_copy(disk, offset - segment->start, name) || fsync(disk->dir) != 0) {
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

uint64_t disk_mark(const struct disk *disk)
{
	char text[32] = "";
	int fd = openat(disk->dir, MARK_NAME, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	char *end;

	if (fd >= 0)
		close(fd);
	uint64_t mark = len > 1 ? strtoull(text, &end, 10) : 0;

	return mark && *end == '\n' ? mark : 0;
}

int disk_mark_set(const struct disk *disk, uint64_t mark)
{
	char text[32];
	int fd = openat(disk->dir, MARK_NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int len = snprintf(text, sizeof(text), "%020" PRIu64 "\n", mark), err = 0;

	if (fd < 0)
		return errno;
	if (pwrite(fd, text, (size_t)len, 0) != len || fdatasync(fd) != 0)
		err = errno ? errno : ENOSPC;
	close(fd);
	return err;
}

void disk_look(struct disk *disk)
{
	struct stat st;

	if (disk->fd < 0 || (fstat(disk->fd, &st) == 0 && st.st_nlink > 0))
		return;
	close(disk->fd);
	disk->fd = -1;
}
