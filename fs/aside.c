/* See aside.h. */
#include "aside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

#define TRIES 1000 /* names within one second */

/* The next name to try: a number is added once there are several within a second. */
static void name_next(const char *old, unsigned number, char name[ASIDE_NAME])
{
	char more[16] = "";

	if (number > 0)
		snprintf(more, sizeof(more), "-%u", number);
	snprintf(name, ASIDE_NAME, "set-aside.%lld%s.%s", (long long)time(NULL), more, old);
}

static int aside_create(int dir, const char *old, char name[ASIDE_NAME])
{
	int fd = -1;

	errno = EEXIST;
	for (unsigned i = 0; fd < 0 && errno == EEXIST && i < TRIES; i++) {
		name_next(old, i, name);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	}
	return fd;
}

bool aside_copy(int dir, int fd, uint64_t from, const char *old, char name[ASIDE_NAME])
{
	char data[65536];
	ssize_t len = 0;
	int to = aside_create(dir, old, name);
	bool ok = true;

	if (to < 0)
		return false;
	while (ok && (len = file_read(fd, data, sizeof(data), (off_t)from)) > 0) {
		ok = (errno = file_write(to, data, (size_t)len)) == 0;
		from += (uint64_t)len;
	}
	ok = ok && len == 0 && fsync(to) == 0;
	file_close(&to);
	if (!ok) { /* half a copy is of no use: the whole is where it was */
		int err = errno;

		unlinkat(dir, name, 0);
		errno = err;
	}
	return ok && fsync(dir) == 0;
}

bool aside_move(int dir, const char *old, char name[ASIDE_NAME])
{
	int err = EEXIST;

	for (unsigned i = 0; err == EEXIST && i < TRIES; i++) {
		name_next(old, i, name);
		err = file_rename(dir, old, name);
	}
	errno = err;
	return err == 0 && fsync(dir) == 0;
}
