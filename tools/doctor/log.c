/* The log's head against the status, and the clock against the log. */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include "chain.h"
#include "trial.h"
#include "json.h"
#include "lines.h"
#include "when.h"

#define LATE_MS 2000 /* how far the log may be ahead of the clock */
#define WINDOW (64 * 1024)
#define WINDOW_MOST (256 * 1024 * 1024)

/* The line of that number among those that begin within the last `window` bytes before `end`, or
 * after it; allocated. NULL with errno set: ENOENT when it is not there. */
static char *line_find(int fd, off_t end, off_t window, int64_t seq)
{
	struct lines lines;
	char needle[48], *line, *found = NULL;
	size_t len;
	int more;

	snprintf(needle, sizeof(needle), "{\"seq\":%" PRId64 ",", seq);
	lseek(fd, end > window ? end - window : 0, SEEK_SET);
	lines_init(&lines, fd);
	errno = ENOENT;
	while (!found && (more = lines_next(&lines, &line, &len)) > 0)
		if (strncmp(line, needle, strlen(needle)) == 0)
			found = strdup(line);
	lines_finish(&lines);
	return found;
}

/* Reads the log's head from status.json, then the line that it names from audit.jsonl. Returns the
 * status and the line, each on a line. */
static char *head_read(const void *data)
{
	const struct mount *mount = data;
	char path[PATH_MAX], *status = NULL, *line = NULL, *both = NULL;
	cJSON *object;
	struct stat st;
	int fd = mount_path(mount, "", "audit.jsonl", path) == 0 ? open(path, O_RDONLY) : -1;

	if (fd < 0 || fstat(fd, &st) < 0 || mount_status_path(mount, NULL, path) != 0 ||
		!(status = json_slurp(path)) || !(object = json_parse(status)))
		return NULL;
	for (off_t window = WINDOW; !line && window <= WINDOW_MOST; window *= 16)
		line = line_find(
			fd, st.st_size, window, json_int(json_object(object, "log"), "seq", -1));
	cJSON_Delete(object);
	status[strcspn(status, "\n")] = '\0';
	if (!line || asprintf(&both, "%s\n%s", status, line) < 0)
		return NULL;
	return both;
}

/* The wall clock must not be before what was logged: freezes and leases go by it over a reboot. */
static void clock_check(struct doctor *doctor, const cJSON *line)
{
	int64_t age = when_age_ms(json_text(line, "ts"));
	struct timex now = {0};
	char text[WHEN_TEXT];

	when_spell(text, -age);
	if (line && age < -LATE_MS)
		doctor_add(doctor, LEVEL_FAIL, "clock", "set the clock",
			"the wall clock is %s before the last line of the log", text);
	else
		doctor_add(doctor, LEVEL_OK, "clock", "", "the wall clock is not before the log");
	if (adjtimex(&now) == TIME_ERROR || (now.status & STA_UNSYNC))
		doctor_add(doctor, LEVEL_WARN, "ntp",
			"run chrony or systemd-timesyncd, if nothing else keeps the time",
			"the kernel does not know the clock as synchronised");
	else
		doctor_add(doctor, LEVEL_OK, "ntp", "", "the clock is synchronised");
}

static void head_check(struct doctor *doctor, const cJSON *log, const char *line)
{
	char prev[CHAIN_HASH], h[CHAIN_HASH];
	int64_t seq = json_int(log, "seq", -1);

	if (!chain_check(line, strlen(line), prev, h))
		doctor_add(doctor, LEVEL_FAIL, "log", "lokt audit verify tells more",
			"the last line of the log (%" PRId64 ") was changed: its h is not its hash",
			seq);
	else if (strcmp(h, json_text(log, "h")) != 0)
		doctor_add(doctor, LEVEL_FAIL, "log", "lokt audit verify tells more",
			"line %" PRId64 " of the log is not the one that status.json names", seq);
	else
		doctor_add(
			doctor, LEVEL_OK, "log", "", "its head, line %" PRId64 ", is intact", seq);
}

static char *metrics_slurp(const void *data)
{
	char path[PATH_MAX];

	return mount_path(data, "", "metrics", path) == 0 ? json_slurp(path) : NULL;
}

static void writable_check(struct doctor *doctor)
{
	char *metrics = trial_run(metrics_slurp, &doctor->mount);

	if (metrics && strstr(metrics, "\nlokt_log_writable 0"))
		doctor_add(doctor, LEVEL_FAIL, "log", "make room on the state directory's disk",
			"the daemon cannot write its log: nothing is granted");
	free(metrics);
}

void log_check(struct doctor *doctor)
{
	char *both = doctor->status ? trial_run(head_read, &doctor->mount) : NULL, *line;
	cJSON *status = NULL, *event = NULL;

	if (!doctor->status)
		return;
	line = both ? strchr(both, '\n') : NULL;
	if (line) {
		*line++ = '\0';
		status = json_parse(both);
		event = json_parse(line);
		head_check(doctor, json_object(status, "log"), line);
	} else {
		doctor_add(doctor, LEVEL_FAIL, "log", "lokt audit verify tells more",
			"audit.jsonl has not the line that status.json names: %s", strerror(errno));
	}
	writable_check(doctor);
	clock_check(doctor, event);
	cJSON_Delete(status);
	cJSON_Delete(event);
	free(both);
}
