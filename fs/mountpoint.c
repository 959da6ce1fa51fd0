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
#include <sys/utsname.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"
#include "proc.h"

#define FIRST_NAMESPACE 0xEFFFFFFC /* PROC_PID_INIT_INO: the number of the first pid namespace */

bool mountpoint_unmount(const char *path)
{
	int status;

	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
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

/* Says what the kernel's age does to waits: fact 8. */
static void resend_check(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	if (uname(&name) != 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2 || major > 6 ||
		(major == 6 && minor >= 9))
		return;
	message(LOG_WARNING,
		"Linux %u.%u sends no request again: if the server dies, who waits gets EINTR; "
		"6.9 and later do",
		major, minor);
}

bool mountpoint_check(const char *path)
{
	struct stat st;

	request_timeout_check();
	resend_check();
	/* ECONNABORTED: the daemon died while we asked. */
	if (stat(path, &st) != 0 && (errno == ENOTCONN || errno == ECONNABORTED)) {
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

/* A line of /proc/PID/mountinfo. */
struct mount_line {
	long long number;
	uid_t owner;
	char device[32], root[PATH_MAX], point[PATH_MAX];
};

/* Reads the next mount. False at the end. */
static bool mount_read(FILE *file, struct mount_line *mount)
{
	char *text = NULL;
	size_t room = 0;
	bool found = false;

	while (!found && getline(&text, &room, file) > 0)
		found = sscanf(text, "%lld %*d %31s %4095s %4095s", &mount->number, mount->device,
				mount->root, mount->point) == 4;
	if (found) {
		const char *owner = strstr(strrchr(text, ' '), "user_id="); /* of the options */

		mount->owner = owner ? (uid_t)strtoul(owner + 8, NULL, 10) : (uid_t)-1;
		unescape(mount->root);
		unescape(mount->point);
	}
	free(text);
	return found;
}

/* The last mount at `path`, which hides those below it. False: there is none. */
static bool mount_at(const char *path, struct mount_line *found)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct mount_line mount;
	bool any = false;

	while (file && mount_read(file, &mount))
		if (strcmp(mount.point, path) == 0) {
			*found = mount;
			any = true;
		}
	if (file)
		fclose(file);
	return any;
}

void mountpoint_device(const char *path, char device[32])
{
	struct mount_line mount;

	strcpy(device, mount_at(path, &mount) ? mount.device : "");
}

uid_t mountpoint_owner(const char *path)
{
	struct mount_line mount;

	return mount_at(path, &mount) ? mount.owner : (uid_t)-1;
}

uint32_t mountpoint_namespace(void)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) != 0 || st.st_ino == FIRST_NAMESPACE)
		return 0;
	return (uint32_t)st.st_ino;
}

uint64_t mountpoint_number(const char *device)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/class/bdi/%.31s", device);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

void mountpoint_identity(const char *path, char text[MOUNT_TEXT])
{
	const uint32_t ns = mountpoint_namespace();
	char device[32];
	int len;

	*text = '\0';
	mountpoint_device(path, device);
	if (!*device)
		return;
	len = snprintf(
		text, MOUNT_TEXT, "%s/%llu", device, (unsigned long long)mountpoint_number(device));
	if (ns != 0)
		snprintf(text + len, MOUNT_TEXT - (size_t)len, "@%x", ns);
}

void mountpoint_root(int32_t pid, long long number, char root[PATH_MAX])
{
	int fd = proc_open(pid, "mountinfo");
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	struct mount_line mount;

	*root = '\0';
	while (file && !*root && mount_read(file, &mount))
		if (mount.number == number)
			strcpy(root, mount.root);
	if (file)
		fclose(file);
}
