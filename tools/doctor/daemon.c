/* The daemon: its two processes, and its version. */
#include "doctor/doctor.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "when.h"

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

/* CLOCK_BOOTTIME, by which /proc says when a process began. */
static int64_t boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One of the daemon's two processes. */
struct part {
	const char *about; /* the word of its line */
	pid_t pid;         /* 0: there is none */
	bool seen;         /* from here */
	char state;        /* as proc_pid_stat(5) has it */
	int64_t age_ms;    /* since it began */
	uid_t uid;
};

/* Looks at a process. False: it is not one of ours, or hidden from here, or it has just ended. */
static bool part_look(struct part *part)
{
	char path[64], line[512];
	const char *at;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)part->pid);
	part->seen = process_is_ours(part->pid) && stat(path, &st) == 0;
	if (!part->seen)
		return false;
	part->uid = st.st_uid;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)part->pid);
	at = doctor_line(path, line, sizeof(line)) ? strrchr(line, ')') : NULL;
	part->state = at ? at[2] : '?';
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	part->age_ms = at ? boot_ms() - strtoll(at, NULL, 10) * 1000 / sysconf(_SC_CLK_TCK) : 0;
	return true;
}

/* Whether the last word of its command line is the mount point; `serves`: and it says that it is the
 * server. */
static bool process_is_for(pid_t pid, const char *root, bool *serves)
{
	char path[64], *word = NULL;
	size_t room = 0;
	bool last = false;
	FILE *file;

	*serves = false;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&word, &room, '\0', file) > 0) {
		last = strcmp(word, root) == 0;
		*serves |= strcmp(word, "--serve") == 0;
	}
	free(word);
	if (file)
		fclose(file);
	return last;
}

/* Finds both processes of a mount that does not answer. */
static void parts_find(const char *root, struct part *server, struct part *supervisor)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		bool serves;

		if (process_is_ours(pid) && process_is_for(pid, root, &serves))
			(serves ? server : supervisor)->pid = pid;
	}
	if (dir)
		closedir(dir);
}

/* Why it may be that a process does nothing. False: it does. */
static bool part_hangs(struct doctor *doctor, const struct part *part)
{
	char todo[64];

	snprintf(todo, sizeof(todo), "kill -CONT %d", (int)part->pid);
	if (strchr("Tt", part->state))
		doctor_add(doctor, LEVEL_FAIL, part->about, todo, "it is pid %d, and stopped",
			(int)part->pid);
	else if (part->state == 'D' && !doctor->status)
		doctor_add(doctor, LEVEL_FAIL, part->about,
			"look at the disk of its state directory",
			"it is pid %d, and stuck in the kernel", (int)part->pid);
	else
		return false;
	return true;
}

/* What is said of a process; `more`: what there is to say if all is well. */
static void part_check(struct doctor *doctor, struct part *part, const char *more)
{
	if (!part->pid)
		doctor_add(doctor, LEVEL_FAIL, part->about,
			"look at what loktfs says in the system's log", "there is none");
	else if (!part_look(part))
		doctor_add(doctor, LEVEL_NOTE, part->about,
			"to check the rest of it, run this where it runs",
			"it is pid %d, and not to be seen from here", (int)part->pid);
	else if (!part_hangs(doctor, part))
		doctor_add(doctor, LEVEL_OK, part->about, "", "it is pid %d, of uid %d%s",
			(int)part->pid, (int)part->uid, more);
}

/* How often the server has died, and when it last did. */
static void restarts_spell(const struct doctor *doctor, struct part *server, char *out, size_t room)
{
	const cJSON *daemon = json_object(doctor->status, "daemon");
	int64_t restarts = json_int(daemon, "restarts", 0);
	char age[WHEN_TEXT];

	*out = '\0';
	if (restarts == 0 || !part_look(server))
		return;
	when_spell(age, server->age_ms);
	if (restarts == 1)
		snprintf(out, room, "; started again once, %s ago", age);
	else
		snprintf(out, room, "; started again %" PRId64 " times, the last %s ago", restarts,
			age);
}

/* Both processes: by the status, or else by their command lines. */
static void parts_check(struct doctor *doctor)
{
	const cJSON *daemon = json_object(doctor->status, "daemon");
	struct part server = {.about = "server", .pid = (pid_t)json_int(daemon, "pid", 0)};
	struct part supervisor = {
		.about = "supervisor", .pid = (pid_t)json_int(daemon, "supervisor_pid", 0)};
	const struct part *part = &server;
	char more[96];

	if (!doctor->status)
		parts_find(doctor->mount.root, &server, &supervisor);
	if (!server.pid && !supervisor.pid) /* that it does not answer has been said */
		return;
	restarts_spell(doctor, &server, more, sizeof(more));
	part_check(doctor, &server, more);
	part_check(doctor, &supervisor, "");
	if (!server.seen)
		part = &supervisor;
	if (part->seen) {
		doctor->pid = part->pid;
		doctor->uid = part->uid;
	}
}

static void version_check(struct doctor *doctor)
{
	const char *version = json_text(json_object(doctor->status, "daemon"), "version");

	if (strcmp(version, LOKT_VERSION) == 0)
		doctor_add(doctor, LEVEL_OK, "version", "", "lokt and loktfs are " LOKT_VERSION);
	else
		doctor_add(doctor, LEVEL_WARN, "version",
			"install both of one version, and mount again",
			"lokt is " LOKT_VERSION ", the daemon %.32s", version);
}

void daemon_check(struct doctor *doctor)
{
	if (*doctor->mount.root)
		parts_check(doctor);
	if (doctor->status)
		version_check(doctor);
	if (doctor->pid)
		settings_check(doctor);
}
