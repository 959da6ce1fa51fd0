/* See history.h. */
#include "history.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "lines.h"
#include "mount.h"

#define HISTORY_REACH (1L << 20)

/* Opens the log where its last megabyte begins; `*cut` says whether that is within a line. */
static int history_open(const struct mount *mount, bool *cut)
{
	char path[PATH_MAX];
	struct stat st;
	int fd = mount_path(mount, "", "audit.jsonl", path) == 0
		? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
		: -1;

	*cut = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > HISTORY_REACH &&
		lseek(fd, st.st_size - HISTORY_REACH, SEEK_SET) >= 0;
	return fd;
}

void history_each(const struct mount *mount, const char *needle,
	bool (*see)(cJSON *event, void *data), void *data)
{
	struct lines lines;
	char *line;
	size_t len;
	bool cut;
	int fd = history_open(mount, &cut);

	lines_init(&lines, fd);
	for (; fd >= 0 && lines_next(&lines, &line, &len) > 0; cut = false) {
		cJSON *event = !cut && strstr(line, needle) ? json_parse(line) : NULL;

		if (event && !see(event, data))
			cJSON_Delete(event);
	}
	lines_finish(&lines);
	if (fd >= 0)
		close(fd);
}

/* What history_last() looks for, and has found. */
struct last {
	const char *kind, *reason, *key;
	int64_t value;
	cJSON *found;
};

static bool last_see(cJSON *event, void *data)
{
	struct last *last = data;

	if (strcmp(json_text(event, "event"), last->kind) != 0 ||
		(last->reason && strcmp(json_text(event, "reason"), last->reason) != 0) ||
		json_int(event, last->key, -1) != last->value)
		return false;
	cJSON_Delete(last->found);
	last->found = event;
	return true;
}

cJSON *history_last(const struct mount *mount, const char *kind, const char *reason,
	const char *key, int64_t value)
{
	struct last last = {kind, reason, key, value, NULL};
	char needle[64];

	snprintf(needle, sizeof(needle), "\"%s\":%" PRId64 ",", key, value);
	history_each(mount, needle, last_see, &last);
	return last.found;
}
