/* The state directory: its rights, and the room in it. */
#include "doctor/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#define MIB (1024ULL * 1024)
#define SPACE_LEAST (64 * MIB)
#define INODES_LEAST 64

static void rights_of(struct doctor *doctor, const struct stat *st)
{
	const char *dir = doctor->state;

	if (st->st_uid != doctor->uid)
		doctor_add(doctor, LEVEL_WARN, "state", "chown it to the daemon's user",
			"%.200s is of uid %d, the daemon of uid %d", dir, (int)st->st_uid,
			(int)doctor->uid);
	else if (st->st_mode & (S_IWGRP | S_IWOTH))
		doctor_add(doctor, LEVEL_FAIL, "state", "chmod go-w it",
			"others may write into %.200s (mode %o): they could change the log", dir,
			st->st_mode & 07777U);
	else
		doctor_add(doctor, LEVEL_OK, "state", "", "%.200s is the daemon's alone to write",
			dir);
}

static void space_check(struct doctor *doctor)
{
	struct statvfs fs;
	unsigned long long bytes;

	if (statvfs(doctor->state, &fs) != 0)
		return;
	bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (bytes < SPACE_LEAST)
		doctor_add(doctor, bytes < MIB ? LEVEL_FAIL : LEVEL_WARN, "space",
			"make room: without it nothing is granted", "%llu MiB are free for the log",
			bytes / MIB);
	else
		doctor_add(doctor, LEVEL_OK, "space", "", "%llu MiB are free for the log",
			bytes / MIB);
	if (fs.f_files > 0 && fs.f_favail < INODES_LEAST)
		doctor_add(doctor, LEVEL_WARN, "inodes", "delete files: the log needs new ones",
			"only %llu inodes are free in %.200s", (unsigned long long)fs.f_favail,
			doctor->state);
}

/* Memory forgets freezes, leases and the high-water mark of tokens. */
static void lasting_check(struct doctor *doctor)
{
	struct statfs fs;

	if (statfs(doctor->state, &fs) == 0 &&
		(fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC))
		doctor_add(doctor, LEVEL_WARN, "state", "mount with -o state=DIR on a disk",
			"%.200s is in memory: tokens, freezes and leases end with the machine",
			doctor->state);
}

/* What failed its check was put there, for somebody to look at. */
static void set_aside_check(struct doctor *doctor)
{
	DIR *dir = opendir(doctor->state);
	const struct dirent *entry;
	char first[NAME_MAX + 1] = "";
	int count = 0;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "set-aside.", 10) == 0 && count++ == 0)
			snprintf(first, sizeof(first), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	if (count > 0)
		doctor_add(doctor, LEVEL_WARN, "state",
			"look at it (a bad disk?), keep it elsewhere, delete it here",
			"%d of the log's parts failed its check, %s for one", count, first);
}

void state_check(struct doctor *doctor)
{
	struct stat st;

	if (!doctor->pid)
		return;
	if (!*doctor->state) {
		doctor_add(doctor, LEVEL_NOTE, "state", "run this as root, or as the daemon's user",
			"you cannot see where its state directory is");
	} else if (stat(doctor->state, &st) != 0) {
		doctor_add(doctor, errno == ENOENT ? LEVEL_FAIL : LEVEL_NOTE, "state",
			errno == ENOENT ? "is it deleted? stop the daemon, restore it, mount again"
					: "run this as root, or as the daemon's user",
			"%.200s: %s", doctor->state, strerror(errno));
	} else {
		rights_of(doctor, &st);
		lasting_check(doctor);
		space_check(doctor);
		set_aside_check(doctor);
	}
}
