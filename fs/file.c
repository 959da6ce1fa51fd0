/* See file.h. */
#include "file.h"

#include <errno.h>
#include <unistd.h>

int file_write(int fd, const char *data, size_t len)
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
