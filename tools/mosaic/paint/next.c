/* See next.h. */
#include "mosaic/paint/next.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t next_read(int fd)
{
	char text[32], *end;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	uint64_t number = strtoull(text, &end, 10);

	return end == text ? UINT64_MAX : number;
}

int next_write(int fd, uint64_t number)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
	struct stat st;

	if (pwrite(fd, text, (size_t)len, 0) != len || fstat(fd, &st) < 0)
		return errno;
	if (st.st_size > len && ftruncate(fd, len) < 0)
		return errno;
	return fsync(fd) < 0 ? errno : 0;
}
