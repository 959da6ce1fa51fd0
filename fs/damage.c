/* See damage.h. */
#include "damage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "core/chain.h"
#include "disk.h"
#include "file.h"
#include "message.h"
#include "note.h"

/* Something has been set aside, or could not be: keeps account. */
static bool damage_note(struct disk *disk, bool done, const char *old, uint64_t bytes)
{
	struct damage *damage = &disk->damage;

	if (!done) {
		disk->err = errno;
		if (!damage->left) /* else it is tried again and again */
			message(LOG_ERR, "%s/%s fails its check, and cannot be set aside: %s",
				disk->path, old, strerror(disk->err));
		return false;
	}
	damage->count++;
	damage->bytes += bytes;
	if (bytes > 0)
		message(LOG_WARNING, "%llu bytes of %s/%s fail their check: set aside as %s",
			(unsigned long long)bytes, disk->path, old, damage->name);
	else
		message(LOG_WARNING, "%s/%s fails its check: set aside as %s", disk->path, old,
			damage->name);
	return true;
}

/* What has that name, and is no part of the log. */
static void name_aside(struct disk *disk, const char *name)
{
	damage_note(disk, aside_move(disk->dir, name, disk->damage.name), name, 0);
}

void damage_names(struct disk *disk)
{
	disk->damage.blind = note_is_damaged(disk->dir, NOTE_END);
	if (disk->damage.blind)
		name_aside(disk, NOTE_END);
	if (note_is_damaged(disk->dir, NOTE_TOKENS))
		name_aside(disk, NOTE_TOKENS);
	if (file_odd(disk->dir, DISK_NEW))
		name_aside(disk, DISK_NEW);
}

/* A whole segment, which is to be taken out of the list then. */
static bool segment_aside(struct disk *disk, const struct segment *segment)
{
	char name[SEGMENT_NAME];

	segment_name(segment->start, name);
	return damage_note(
		disk, aside_move(disk->dir, name, disk->damage.name), name, segment->size);
}

/* The end of a segment, from `size` bytes on. */
static bool end_aside(struct disk *disk, struct segment *segment, uint64_t size)
{
	char name[SEGMENT_NAME];
	int fd = segment_open(disk->dir, segment, O_RDWR);
	bool done;

	segment_name(segment->start + size, name);
	done = fd >= 0 && aside_copy(disk->dir, fd, size, name, disk->damage.name) &&
		ftruncate(fd, (off_t)size) == 0;
	file_close(&fd);
	if (!damage_note(disk, done, name, segment->size - size))
		return false;
	segment->size = size;
	return true;
}

bool damage_end(struct disk *disk, uint64_t offset)
{
	struct segment *last = disk_last(disk);
	bool done;

	if (offset > last->start)
		done = end_aside(disk, last, offset - last->start);
	else if ((done = segment_aside(disk, last)))
		disk->count--;
	return done && disk_last_open(disk);
}

void damage_leave(struct disk *disk, uint64_t offset)
{
	disk_last(disk)->size = offset - disk_last(disk)->start;
	disk->end = offset;
	disk->state = DISK_TORN;
	disk->damage.left = true;
}

bool damage_settle(struct disk *disk)
{
	struct segment *last = disk_last(disk);
	struct stat st;

	if (!disk->damage.left)
		return true;
	if (fstat(disk->fd, &st) != 0)
		return false;
	const uint64_t size = last->size;

	last->size = (uint64_t)st.st_size;
	disk->damage.left = last->size > size && !end_aside(disk, last, size);
	last->size = size;
	return !disk->damage.left;
}

/* Reads the end of a segment's first line, or of its last. False if it is not that long. */
static bool tail_read(const struct disk *disk, const struct segment *segment, uint64_t end,
	char *tail, size_t len)
{
	int fd = end >= len ? segment_open(disk->dir, segment, O_RDONLY) : -1;
	bool ok = fd >= 0 && file_read(fd, tail, len, (off_t)(end - len)) == (ssize_t)len;

	file_close(&fd);
	return ok;
}

/* Whether a segment's first line names the hash of the line that ends at `end` in the one before it. */
static bool follows(
	struct disk *disk, struct segment *segment, const struct segment *before, uint64_t end)
{
	static const size_t len =
		CHAIN_HEX + sizeof("\"}\n") - 1; /* of a hash and the end of a line */
	char own[2 * CHAIN_HEX + 16], other[CHAIN_HEX + 16];

	segment_measure(disk->dir, segment);
	return tail_read(disk, segment, segment->checkpoint, own, 2 * CHAIN_HEX + 10) &&
		tail_read(disk, before, end, other, len) && memcmp(own, other, CHAIN_HEX) == 0 &&
		memcmp(other + CHAIN_HEX, "\"}\n", len - CHAIN_HEX) == 0;
}

/* Whether the segment before this one leads up to it; what is behind its `size` is set aside. One that is
 * longer may have grown anywhere, and in a shorter one something was set aside, or is missing. */
static bool leads_up(struct disk *disk, size_t i, uint64_t size, bool thorough)
{
	struct segment *before = &disk->segments[i - 1];
	const uint64_t end = before->size < size ? before->size : size;

	if (before->odd)
		return false;
	if ((thorough || before->size != size) && !follows(disk, &disk->segments[i], before, end))
		return false;
	return before->size <= size || end_aside(disk, before, size);
}

void damage_history(struct disk *disk, bool thorough)
{
	size_t first =
		disk->count > 0 ? disk->count - 1 : 0; /* of those that lead up to the last */

	while (first > 0 &&
		leads_up(disk, first, disk->segments[first].start - disk->segments[first - 1].start,
			thorough))
		first--;
	if (first == 0)
		return;
	for (size_t i = 0; i < first; i++)
		segment_aside(disk, &disk->segments[i]);
	disk->count -= first;
	memmove(disk->segments, disk->segments + first, disk->count * sizeof(*disk->segments));
}
