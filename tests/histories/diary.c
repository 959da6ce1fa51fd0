/* See diary.h. */
#include "diary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int file = -1;

bool diary_open(const char *path)
{
	file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	return file >= 0;
}

void diary(const char *format, ...)
{
	char record[DIARY_RECORD + 1];
	struct timespec t;
	va_list args;
	int len;

	clock_gettime(CLOCK_MONOTONIC, &t);
	len = snprintf(
		record, sizeof(record), "%jd%09ld %d ", (intmax_t)t.tv_sec, t.tv_nsec, getpid());
	va_start(args, format);
	len += vsnprintf(record + len, sizeof(record) - len, format, args);
	va_end(args);
	if (len >= DIARY_RECORD)
		_exit(70);
	memset(record + len, ' ', DIARY_RECORD - len);
	record[DIARY_RECORD - 1] = '\n';
	if (write(file, record, DIARY_RECORD) != DIARY_RECORD)
		_exit(70); /* an end that the driver takes for a failure of the whole run */
}

const char *diary_result(long result)
{
	const char *name = result < 0 ? strerrorname_np(errno) : "OK";

	return name ? name : "unknown";
}
