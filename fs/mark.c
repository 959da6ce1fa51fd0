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

uint64_t mark_read(int dir)
{
	char text[32] = "";
	int fd = file_open(dir, NAME, O_RDONLY);
	ssize_t len = fd >= 0 ? file_read(fd, text, sizeof(text) - 1, 0) : 0;
	char *end;

	file_close(&fd);
	uint64_t mark = len > 1 ? strtoull(text, &end, 10) : 0;

	return mark && *end == '\n' ? mark : 0;
}

int mark_write(int dir, uint64_t mark)
{
	char text[32], aside[ASIDE_NAME];
	int len = snprintf(text, sizeof(text), "%020" PRIu64 "\n", mark), err = 0;
	int fd;

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
