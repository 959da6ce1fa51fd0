/* The daemon's process: which it is, its version, its limits, its options. */
#include "doctor/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"

#define DESCRIPTORS_LEAST 4096
#define STATE_OF_ROOT "/var/lib/lokt"

bool doctor_line(const char *path, char *line, size_t room)
{
	FILE *file = fopen(path, "re");
	bool read = file && fgets(line, (int)room, file);

	if (file)
		fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}

/* Whether that process is a loktfs, as far as we see: in another pid namespace it is not. */
static bool process_is_ours(pid_t pid)
{
	char path[64], name[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return pid > 0 && doctor_line(path, name, sizeof(name)) && strcmp(name, "loktfs") == 0;
}

/* Notes the daemon's process and user. False: it has just ended. */
static bool process_known(struct doctor *doctor, pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (stat(path, &st) != 0)
		return false;
	doctor->pid = pid;
	doctor->uid = st.st_uid;
	return true;
}

/* Whether the last word of its command line is the mount point. */
static bool process_serves(pid_t pid, const char *root)
{
	char path[64], *word = NULL;
	size_t room = 0;
	bool last = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&word, &room, '\0', file) > 0)
		last = strcmp(word, root) == 0;
	free(word);
	if (file)
		fclose(file);
	return last;
}

/* The daemon of a mount that does not answer; 0: not to be found. */
static pid_t process_find(const char *root)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	pid_t pid = 0, found = 0;

	while (!found && dir && (entry = readdir(dir))) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (process_is_ours(pid) && process_serves(pid, root))
			found = pid;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Why it may be that it does not answer. */
static void silence_check(struct doctor *doctor)
{
	pid_t pid = process_find(doctor->mount.root);
	char path[64], line[512], todo[64];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!pid || !doctor_line(path, line, sizeof(line)) || !process_known(doctor, pid))
		return;
	state = strrchr(line, ')');
	snprintf(todo, sizeof(todo), "kill -CONT %d", (int)pid);
	if (state && strchr("Tt", state[2]))
		doctor_add(
			doctor, LEVEL_FAIL, "daemon", todo, "it is pid %d, and stopped", (int)pid);
	else if (state && state[2] == 'D')
		doctor_add(doctor, LEVEL_FAIL, "daemon", "look at the disk of its state directory",
			"it is pid %d, and stuck in the kernel", (int)pid);
	else
		doctor_add(doctor, LEVEL_OK, "daemon", "", "it is pid %d, and runs", (int)pid);
}

static void process_check(struct doctor *doctor, const cJSON *daemon)
{
	pid_t pid = (pid_t)json_int(daemon, "pid", 0);
	const char *version = json_text(daemon, "version");

	if (process_is_ours(pid) && process_known(doctor, pid))
		doctor_add(doctor, LEVEL_OK, "daemon", "", "it is pid %d, of uid %d", (int)pid,
			(int)doctor->uid);
	else
		doctor_add(doctor, LEVEL_NOTE, "daemon",
			"to check the rest of it, run this where it runs",
			"it is pid %d, and not to be seen from here", (int)pid);
	if (strcmp(version, LOKT_VERSION) == 0)
		doctor_add(doctor, LEVEL_OK, "version", "", "lokt and loktfs are " LOKT_VERSION);
	else
		doctor_add(doctor, LEVEL_WARN, "version",
			"install both of one version, and mount again",
			"lokt is " LOKT_VERSION ", the daemon %.32s", version);
}

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
			option_take(doctor, option, value ? value : "");
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

void daemon_check(struct doctor *doctor)
{
	if (doctor->status)
		process_check(doctor, json_object(doctor->status, "daemon"));
	else if (*doctor->mount.root)
		silence_check(doctor);
	if (!doctor->pid)
		return;
	if (doctor->uid == 0)
		strcpy(doctor->state, STATE_OF_ROOT);
	command_line_read(doctor);
	descriptors_read(doctor);
	descriptors_check(doctor);
}
