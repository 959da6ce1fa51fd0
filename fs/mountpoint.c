/* See mountpoint.h. */
#include "mountpoint.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"

bool mountpoint_unmount(const char *path)
{
	int status;

	if (umount2(path, MNT_DETACH) == 0)
		return true;
	/* Not root: fusermount3 has the right. */
	pid_t child = fork();

	if (child == 0) {
		execlp("fusermount3", "fusermount3", "-uqz", "--", path, (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Whether a Lokt mount is there now. */
static bool is_mounted(const char *path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *real = realpath(path, NULL);
	const struct mntent *entry;
	bool found = false;

	while (mounts && real && (entry = getmntent(mounts)))
		if (strcmp(entry->mnt_dir, real) == 0)
			found = strcmp(entry->mnt_type, "fuse.loktfs") == 0;
	if (mounts)
		endmntent(mounts);
	free(real);
	return found;
}

/* Says what a kernel setting does to waits: fact 11. */
static void request_timeout_check(void)
{
	FILE *file = fopen("/proc/sys/fs/fuse/max_request_timeout", "re");
	unsigned seconds = 0;

	if (file && fscanf(file, "%u", &seconds) == 1 && seconds > 0)
		message(LOG_WARNING,
			"the kernel will abort this mount when a wait lasts %u s: set "
			"fs.fuse.max_request_timeout to 0",
			seconds);
	if (file)
		fclose(file);
}

bool mountpoint_check(const char *path)
{
	struct stat st;

	request_timeout_check();
	if (stat(path, &st) != 0 && errno == ENOTCONN) {
		message(LOG_WARNING, "taking away the mount of a dead daemon at %s", path);
		if (!mountpoint_unmount(path)) {
			message(LOG_ERR, "cannot: try fusermount3 -uz %s", path);
			return false;
		}
	}
	if (stat(path, &st) != 0) {
		message(LOG_ERR, "cannot mount at %s: %s%s", path, strerror(errno),
			errno == ENOENT ? ": make the directory first" : "");
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		message(LOG_ERR, "cannot mount at %s: it is not a directory", path);
		return false;
	}
	if (is_mounted(path)) {
		message(LOG_ERR, "%s is a Lokt mount already: fusermount3 -u %s ends it", path,
			path);
		return false;
	}
	return true;
}

/* mountinfo writes blanks and backslashes of a path as \040 and the like (proc(5)). */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		unsigned code;

		if (*from == '\\' && sscanf(from, "\\%3o", &code) == 1) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

void mountpoint_device(const char *path, char device[32])
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, found[32], point[PATH_MAX];
	size_t room = 0;

	*device = '\0';
	while (mounts && getline(&line, &room, mounts) > 0) {
		if (sscanf(line, "%*d %*d %31s %*s %4095s", found, point) != 2)
			continue;
		unescape(point);
		if (strcmp(point, path) == 0)
			strcpy(device, found);
	}
	free(line);
	if (mounts)
		fclose(mounts);
}
