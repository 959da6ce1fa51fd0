/* What the server's process shows of the daemon's settings: its limits, its options, its state directory. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor.h"

#define DESCRIPTORS_LEAST 4096
#define STATE_OF_ROOT "/var/lib/lokt"

/* A descriptor for each process that holds. */
static void descriptors_check(struct doctor *doctor)
{
	static const char label[] = "Max open files";
	char path[64], line[128];
	long limit = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)doctor->pid);
	file = fopen(path, "re");
	while (file && limit < 0 && fgets(line, sizeof(line), file))
		if (strncmp(line, label, strlen(label)) == 0)
			limit = strtol(line + strlen(label), NULL, 10);
	if (file)
		fclose(file);
	if (limit >= DESCRIPTORS_LEAST)
		doctor_add(doctor, LEVEL_OK, "descriptors", "", "the daemon may open %ld", limit);
	else if (limit > 0)
		doctor_add(doctor, LEVEL_WARN, "descriptors",
			"start it with ulimit -n 65536 or more (LimitNOFILE= in a unit)",
			"the daemon may open only %ld: how a holder ended is known of %ld "
			"processes at once",
			limit, limit / 3);
}

static void option_take(struct doctor *doctor, const char *name, const char *value)
{
	if (strcmp(name, "state") == 0 && *value == '/')
		snprintf(doctor->state, sizeof(doctor->state), "%s", value);
	else if (strcmp(name, "admins") == 0)
		snprintf(doctor->admins, sizeof(doctor->admins), "%s", value);
}

/* The options on its command line, which is for all to see: `state=DIR,…`, or in pieces when it was
 * cut up in place. */
static void command_line_read(struct doctor *doctor)
{
	char path[64], name[32] = "", *word = NULL, *rest, *option, *value;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)doctor->pid);
	file = fopen(path, "re");
	while (file && getdelim(&word, &room, '\0', file) > 0) {
		option_take(doctor, name, word);
		snprintf(name, sizeof(name), "%s", word);
		for (rest = word; (option = strsep(&rest, ","));) {
			value = strchr(option, '=');
			if (value)
				*value++ = '\0';
			option_take(doctor, option + strspn(option, "-"), value ? value : "");
		}
	}
	free(word);
	if (file)
		fclose(file);
}

/* The state directory by the log that it has open, which root and its own user may see. */
static void descriptors_read(struct doctor *doctor)
{
	char path[64 + NAME_MAX], target[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)doctor->pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", (int)doctor->pid, entry->d_name);

		ssize_t len = readlink(path, target, sizeof(target) - 1);
		char *slash;

		target[len > 0 ? len : 0] = '\0';
		slash = strrchr(target, '/');
		if (!slash || slash == target || strncmp(slash, "/log.", 5) != 0)
			continue;
		*slash = '\0';
		snprintf(doctor->state, sizeof(doctor->state), "%s", target);
	}
	if (dir)
		closedir(dir);
}

void settings_check(struct doctor *doctor)
{
	if (doctor->uid == 0)
		strcpy(doctor->state, STATE_OF_ROOT);
	command_line_read(doctor);
	descriptors_read(doctor);
	descriptors_check(doctor);
}
