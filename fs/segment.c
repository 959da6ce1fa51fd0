/* See segment.h. */
#include "segment.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void segment_name(uint64_t start, char name[SEGMENT_NAME])
{
	snprintf(name, SEGMENT_NAME, "log.%020" PRIu64 ".jsonl", start);
}

static int segment_compare(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

bool segments_add(struct segment **segments, size_t *count, uint64_t start, uint64_t size)
{
	struct segment *more = realloc(*segments, (*count + 1) * sizeof(**segments));

	if (!more)
		return false;
	*segments = more;
	more[(*count)++] = (struct segment){.start = start, .size = size, .fd = -1};
	return true;
}

bool segments_find(int dir, struct segment **segments, size_t *count)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	bool ok = entries != NULL;

	while (ok && (entry = readdir(entries))) {
		char expected[SEGMENT_NAME];
		struct stat st;
		uint64_t start;

		if (sscanf(entry->d_name, "log.%20" SCNu64 ".jsonl", &start) != 1)
			continue;
		segment_name(start, expected);
		if (strcmp(expected, entry->d_name) == 0 &&
			fstatat(dir, entry->d_name, &st, 0) == 0)
			ok = segments_add(segments, count, start, (uint64_t)st.st_size);
	}
	if (entries)
		closedir(entries);
	if (ok && *count)
		qsort(*segments, *count, sizeof(**segments), segment_compare);
	return ok;
}

ssize_t segment_read(int dir, struct segment *segment, uint64_t offset, char *data, size_t len)
{
	uint64_t left = segment->start + segment->size - offset;
	char name[SEGMENT_NAME];

	if (segment->fd < 0) {
		segment_name(segment->start, name);
		segment->fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	}
	return pread(segment->fd, data, len < left ? len : left, (off_t)(offset - segment->start));
}

uint64_t segment_measure(int dir, struct segment *segment)
{
	char data[65536];
	uint64_t len = 0;
	ssize_t got;

	while ((got = segment_read(dir, segment, segment->start + len, data, sizeof(data))) > 0) {
		const char *end = memchr(data, '\n', (size_t)got);

		if (end)
			return len + (uint64_t)(end - data) + 1;
		len += (uint64_t)got;
	}
	return len;
}
