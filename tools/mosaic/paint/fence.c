/* See fence.h. */
#include "mosaic/paint/fence.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* Raises the mark to `token`; first of all, so that whoever dies within has shut out the older. The
 * number never gets shorter. */
static int fence_raise(int fd, uint64_t token)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	int len;

	if (n < 0)
		return errno;
	text[n] = '\0';

	uint64_t seen = strtoull(text, NULL, 10);

	if (token < seen)
		return FENCE_REFUSED;
	if (token == seen)
		return 0;
	len = snprintf(text, sizeof(text), "%" PRIu64 "\n", token);
	n = pwrite(fd, text, (size_t)len, 0);
	return n == len ? 0 : n < 0 ? errno : ENOSPC;
}

int fence_enter(int fd, uint64_t token)
{
	int err;

	if (fd < 0)
		return 0;
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return errno;
	err = fence_raise(fd, token);
	if (err)
		fence_leave(fd);
	return err;
}

void fence_leave(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_UN);
}
