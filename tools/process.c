/* See process.h. */
#include "process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "say.h"

/* Reads the first line of a file of a process. */
static bool proc_read(int64_t pid, const char *file, char *line, int room)
{
	char path[96];
	FILE *stream;
	bool done;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/%s", pid, file);
	stream = fopen(path, "re");
	done = stream && fgets(line, room, stream);
	if (stream)
		fclose(stream);
	return done;
}

/* What proc_pid_stat(5) has of a process. */
struct stat_line {
	char state;       /* field 3: 'T' when it is stopped */
	int64_t start_ns; /* field 22: when it began, in nanoseconds of CLOCK_BOOTTIME */
};

/* The second field is the name, which may hold anything: the others follow the last parenthesis. */
static bool stat_read(int64_t pid, struct stat_line *stat)
{
	char line[1024];
	const char *at = proc_read(pid, "stat", line, sizeof(line)) ? strrchr(line, ')') : NULL;
	int64_t ticks;

	if (!at || sscanf(at, ") %c", &stat->state) != 1)
		return false;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, "%" SCNd64, &ticks) != 1)
		return false;
	stat->start_ns = ticks * (1000000000 / sysconf(_SC_CLK_TCK));
	return true;
}

/* The command that `lokt guard` runs says more than its own name. */
static void name_of_child(int64_t pid, char out[PROCESS_NAME])
{
	char file[64], line[32], name[PROCESS_NAME];

	snprintf(file, sizeof(file), "task/%" PRId64 "/children", pid);
	if (strcmp(out, "lokt") != 0 || !proc_read(pid, file, line, sizeof(line)) ||
		!proc_read(strtoll(line, NULL, 10), "comm", name, sizeof(name)))
		return;
	name[strcspn(name, "\n")] = '\0';
	snprintf(out, PROCESS_NAME, "lokt, running %.32s", name);
}

bool process_name(const cJSON *holder, char out[PROCESS_NAME])
{
	int64_t pid = json_int(holder, "pid", 0);
	struct stat_line stat;

	if (pid <= 0 || !stat_read(pid, &stat) ||
		stat.start_ns != json_int(holder, "pid_start_ns", 0) ||
		!proc_read(pid, "comm", out, PROCESS_NAME))
		return false;
	out[strcspn(out, "\n")] = '\0';
	name_of_child(pid, out);
	if (stat.state == 'T')
		text_add(out, PROCESS_NAME, ", stopped");
	text_clean(out);
	return *out != '\0';
}
