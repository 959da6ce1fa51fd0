/* See aside.h. */
#include "aside.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

bool aside_copy(int dir, int fd, uint64_t from, uint64_t offset, char *name, size_t room)
{
	char data[65536];
	ssize_t len = 0;
	int to;
	bool ok;

	snprintf(name, room, "set-aside.%020" PRIu64 "-%lld.jsonl", offset, (long long)time(NULL));
	to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ok = to >= 0;
	while (ok && (len = pread(fd, data, sizeof(data), (off_t)from)) > 0) {
		ok = file_write(to, data, (size_t)len) == 0;
		from += (uint64_t)len;
	}
	ok = ok && len == 0 && fsync(to) == 0;
	if (to >= 0)
		close(to);
	return ok && fsync(dir) == 0;
}
