/* See tail.h. */
#include "mosaic/tail.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/mosaic.h"

#define RETRY_MS 250

static void tail_begin(struct tail *tail)
{
	char path[PATH_MAX];

	if (mount_path(&tail->mosaic->mount, "", "audit", path) == 0)
		tail->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	lines_init(&tail->lines, tail->fd);
	tail->retry_ms = when_ms() + RETRY_MS;
}

void tail_open(struct tail *tail, const struct mosaic *mosaic)
{
	*tail = (struct tail){.mosaic = mosaic, .fd = -1};
	if (!mosaic_locked(mosaic))
		return;
	tail_begin(tail);
	if (tail->fd >= 0)
		lseek(tail->fd, 0, SEEK_END);
	when_stamp(tail->last, 0);
}

void tail_close(struct tail *tail)
{
	lines_finish(&tail->lines);
	if (tail->fd >= 0)
		close(tail->fd);
	tail->fd = -1;
}

/* Whether the line is new, by its time: after damage the numbers of events may come again. */
static bool line_is_new(struct tail *tail, const char *line)
{
	static const char key[] = "\"ts\":\"";
	const char *ts = strstr(line, key);

	ts = ts ? ts + strlen(key) : "";
	if (tail->again && strncmp(ts, tail->last, strlen(tail->last)) <= 0)
		return false;
	snprintf(tail->last, sizeof(tail->last), "%.*s", (int)strcspn(ts, "\""), ts);
	tail->again = false;
	return true;
}

char *tail_next(struct tail *tail)
{
	char *line;
	size_t len;
	int more;

	if (tail->fd < 0 && mosaic_locked(tail->mosaic) && when_ms() >= tail->retry_ms)
		tail_begin(tail);
	if (tail->fd < 0)
		return NULL;
	while ((more = lines_next(&tail->lines, &line, &len)) > 0)
		if (line_is_new(tail, line))
			return line;
	if (more < 0) {
		tail_close(tail);
		tail->again = true;
	}
	return NULL;
}
