/* FUSE, the kernel and its settings. */
#include "doctor/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "say.h"

#define FUSE_SETTINGS "/proc/sys/fs/fuse/"
#define BACKGROUND_LEAST 1024

/* What only the next mount needs is no failure while one is served. */
static enum level unless_mounted(const struct doctor *doctor)
{
	return doctor->status ? LEVEL_WARN : LEVEL_FAIL;
}

static void device_check(struct doctor *doctor)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		doctor_add(doctor, LEVEL_OK, "fuse", "", "/dev/fuse opens");
		return;
	}
	doctor_add(doctor, unless_mounted(doctor), "fuse",
		errno == ENOENT || errno == ENODEV || errno == ENXIO
			? "modprobe fuse; for a container: --device /dev/fuse"
			: "chmod 666 /dev/fuse, or be root; for a container: --device /dev/fuse",
		"/dev/fuse: %s", strerror(errno));
}

/* Finds a program on PATH. False if it is not there. */
static bool program_find(const char *name, char path[PATH_MAX])
{
	const char *from = getenv("PATH");
	char list[4096], *rest = list, *dir;

	snprintf(list, sizeof(list), "%s", from ? from : "/usr/bin:/bin");
	while ((dir = strsep(&rest, ":"))) {
		int len = snprintf(path, PATH_MAX, "%s/%s", dir, name);

		if (*dir && len < PATH_MAX && access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Who is not root mounts through it. */
static void helper_check(struct doctor *doctor)
{
	bool root = geteuid() == 0;
	char path[PATH_MAX];
	struct stat st;

	if (!program_find("fusermount3", path))
		doctor_add(doctor, root ? LEVEL_WARN : unless_mounted(doctor), "fusermount3",
			"install the package fuse3", "fusermount3 is not on PATH%s",
			root ? "; only root can mount" : "");
	else if (!root && (stat(path, &st) < 0 || st.st_uid != 0 || !(st.st_mode & S_ISUID)))
		doctor_add(doctor, unless_mounted(doctor), "fusermount3",
			"as root: chown root it and chmod u+s it", "%.200s is not setuid root",
			path);
	else
		doctor_add(doctor, LEVEL_OK, "fusermount3", "", "%.200s", path);
}

/* Whether who is not root may mount for others too. */
static void allow_check(struct doctor *doctor)
{
	FILE *file = geteuid() == 0 ? NULL : fopen("/etc/fuse.conf", "re");
	char line[256];
	bool on = false;

	if (geteuid() == 0)
		return;
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, " \t\r\n#")] = '\0';
		on = on || strcmp(line, "user_allow_other") == 0;
	}
	if (file)
		fclose(file);
	if (on)
		doctor_add(doctor, LEVEL_OK, "allow_other", "",
			"user_allow_other is in /etc/fuse.conf");
	else
		doctor_add(doctor, LEVEL_NOTE, "allow_other",
			"for a lock that several users share, let root add it, or mount",
			"user_allow_other is not in /etc/fuse.conf: a mount of yours is yours "
			"alone");
}

static void kernel_check(struct doctor *doctor)
{
	struct utsname name;
	int major = 0, minor = 0, version;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	version = major * 1000 + minor;
	if (version >= 6015)
		doctor_add(doctor, LEVEL_OK, "kernel", "",
			"Linux %.64s: it tells how a holder ended, and resends requests",
			name.release);
	else
		doctor_add(doctor, LEVEL_WARN, "kernel", "Linux 6.15 or later has it",
			"Linux %.64s: how a holder ended may stay unknown%s", name.release,
			version >= 6009 ? ""
					: ", and a mount does not outlive a crash of its server "
					  "(that takes 6.9)");
}

/* Reads a number of the kernel's settings of FUSE. -1: there is none. */
static long setting_read(const char *name)
{
	char path[128], line[32];

	snprintf(path, sizeof(path), FUSE_SETTINGS "%s", name);
	return doctor_line(path, line, sizeof(line)) ? strtol(line, NULL, 10) : -1;
}

/* Above 0 either of them aborts a mount whose requests wait long, and those of locks do. */
static void timeout_check(struct doctor *doctor)
{
	static const char *const names[] = {"max_request_timeout", "default_request_timeout"};
	bool fine = true;

	for (size_t i = 0; i < 2; i++) {
		long seconds = setting_read(names[i]);
		char todo[128];

		if (seconds <= 0)
			continue;
		fine = false;
		snprintf(todo, sizeof(todo), "sysctl fs.fuse.%s=0, then mount again", names[i]);
		doctor_add(doctor, LEVEL_FAIL, "timeout", todo,
			"fs.fuse.%s is %ld s: the kernel aborts the mount when a wait lasts "
			"longer",
			names[i], seconds);
	}
	if (fine)
		doctor_add(doctor, LEVEL_OK, "timeout", "",
			"the kernel sets no time limit on waiting requests");
}

/* Past it releases wait inside the kernel, and are overtaken; root's mounts go beyond it. */
static void background_check(struct doctor *doctor)
{
	uid_t uid = *doctor->mount.root ? doctor->owner : geteuid();
	long limit = setting_read("max_user_bgreq");

	if (limit < 0 || uid == 0)
		return;
	if (limit >= BACKGROUND_LEAST)
		doctor_add(
			doctor, LEVEL_OK, "background", "", "fs.fuse.max_user_bgreq is %ld", limit);
	else
		doctor_add(doctor, LEVEL_WARN, "background",
			"sysctl fs.fuse.max_user_bgreq=65535, or let root mount",
			"fs.fuse.max_user_bgreq is %ld: with more requests at once, a release may "
			"come late",
			limit);
}

void machine_check(struct doctor *doctor)
{
	device_check(doctor);
	helper_check(doctor);
	allow_check(doctor);
	kernel_check(doctor);
	timeout_check(doctor);
	background_check(doctor);
}
