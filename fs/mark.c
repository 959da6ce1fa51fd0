/* See mark.h. */
#include "mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aside.h"
#include "file.h"

#define NAME "tokens"
#define MOST (1ULL << 62) /* no machine grants as many: what says so was changed */

uint64_t mark_read(int dir)
{
	char text[32] = "";
	int fd = file_open(dir, NAME, O_RDONLY);
	ssize_t len = fd >= 0 ? file_read(fd, text, sizeof(text) - 1, 0) : 0;
	char *end;

	file_close(&fd);
	uint64_t mark = len > 1 ? strtoull(text, &end, 10) : 0;

	return mark && mark < MOST && *end == '\n' ? mark : 0;
}

int mark_raise(int dir, uint64_t mark)
{
	const uint64_t before = mark_read(dir);
	char text[32], aside[ASIDE_NAME];
	int len = snprintf(text, sizeof(text), "%020" PRIu64 "\n", before > mark ? before : mark);
	int fd, err = 0;

	if (file_odd(dir, NAME))
		aside_move(dir, NAME, aside);
	if ((fd = file_open(dir, NAME, O_WRONLY | O_CREAT)) < 0)
		return errno;
	errno = 0;
	if (pwrite(fd, text, (size_t)len, 0) != len || fdatasync(fd) != 0)
		err = errno ? errno : ENOSPC;
	close(fd);
	return err;
}
