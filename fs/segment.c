/* See segment.h. */
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

void segment_name(uint64_t start, char name[SEGMENT_NAME])
{
	snprintf(name, SEGMENT_NAME, "log.%020" PRIu64 ".jsonl", start);
}

static int segment_compare(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

bool segments_add(struct segment **segments, size_t *count, const struct segment *segment)
{
	struct segment *more = realloc(*segments, (*count + 1) * sizeof(**segments));

	if (!more)
		return false;
	*segments = more;
	more[(*count)++] = *segment;
	return true;
}

/* Whether an entry of the directory is called as a segment is, and then which. */
static bool segment_parse(int dir, const char *name, struct segment *segment)
{
	char expected[SEGMENT_NAME];
	struct stat st;

	*segment = (struct segment){0};
	if (sscanf(name, "log.%20" SCNu64 ".jsonl", &segment->start) != 1)
		return false;
	segment_name(segment->start, expected);
	if (strcmp(expected, name) != 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	segment->odd = !S_ISREG(st.st_mode);
	segment->size = segment->odd ? 0 : (uint64_t)st.st_size;
	return true;
}

bool segments_find(int dir, struct segment **segments, size_t *count)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	struct segment segment;
	bool ok = entries != NULL;

	*segments = NULL;
	*count = 0;
	while (ok && (errno = 0, entry = readdir(entries)))
		if (segment_parse(dir, entry->d_name, &segment))
			ok = segments_add(segments, count, &segment);
	ok = ok && errno == 0; /* else there may be more than was listed */
	int err = errno;

	if (entries)
		closedir(entries);
	else
		file_close(&fd);
	errno = err;
	if (ok && *count)
		qsort(*segments, *count, sizeof(**segments), segment_compare);
	return ok;
}

struct segment *segments_at(struct segment *segments, size_t count, uint64_t offset)
{
	size_t low = 0;

	while (low <
		count) { /* the first `low` begin at or before it, those from `count` on do not */
		size_t middle = low + (count - low) / 2;

		if (segments[middle].start <= offset)
			low = middle + 1;
		else
			count = middle;
	}
	return low > 0 ? &segments[low - 1] : NULL;
}

int segment_open(int dir, const struct segment *segment, int flags)
{
	char name[SEGMENT_NAME];

	segment_name(segment->start, name);
	return file_open(dir, name, flags);
}

char *segment_load(int dir, const struct segment *segment, size_t *len)
{
	int fd = segment_open(dir, segment, O_RDONLY);
	char *data = fd >= 0 ? malloc(segment->size + 1) : NULL;
	ssize_t got = data ? file_read(fd, data, segment->size, 0) : -1;

	file_close(&fd);
	if (got >= 0) {
		*len = (size_t)got;
		return data;
	}
	free(data); /* leaves errno as it is, by POSIX of 2024 and glibc */
	return NULL;
}

void segment_measure(int dir, struct segment *segment)
{
	char data[16384];
	int fd = segment_open(dir, segment, O_RDONLY);
	const char *end = NULL;
	ssize_t got;

	segment->checkpoint = 0;
	while (fd >= 0 && !end &&
		(got = file_read(fd, data, sizeof(data), (off_t)segment->checkpoint)) > 0) {
		end = memchr(data, '\n', (size_t)got);
		segment->checkpoint += end ? (uint64_t)(end - data) + 1 : (uint64_t)got;
	}
	file_close(&fd);
}
