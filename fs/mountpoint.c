/* See mountpoint.h. */
#include "mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#define MOUNT_TYPE "fuse.loktfs"
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
	char device[32], root[PATH_MAX], type[32];
};

/* Reads the next mount. False at the end. */
static bool mount_read(FILE *file, struct mount_line *mount)
{
	char *text = NULL;
	const char *type, *owner;
	size_t room = 0;
	bool found = false;

	while (!found && getline(&text, &room, file) > 0)
		found = sscanf(text, "%lld %*d %31s %4095s", &mount->number, mount->device,
				mount->root) == 3 &&
			(type = strstr(text, " - ")) && sscanf(type, " - %31s", mount->type) == 1;
	if (found) {
		owner = strstr(strrchr(text, ' '), "user_id="); /* of the options */
		mount->owner = owner ? (uid_t)strtoul(owner + 8, NULL, 10) : (uid_t)-1;
		unescape(mount->root);
	}
	free(text);
	return found;
}

/* The device is asked, and not the path looked for in mountinfo: there may be several ways to write that. */
bool mountpoint_find(const char *path, struct mounted *mounted)
{
	struct mount_line mount;
	struct statx st;
	bool found = false;
	FILE *file;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &st) != 0 ||
		!(file = fopen("/proc/self/mountinfo", "re")))
		return false;
	snprintf(mounted->device, sizeof(mounted->device), "%u:%u", st.stx_dev_major,
		st.stx_dev_minor);
	while (!found && mount_read(file, &mount))
		found = strcmp(mount.device, mounted->device) == 0 &&
			strcmp(mount.type, MOUNT_TYPE) == 0;
	fclose(file);
	mounted->owner = mount.owner;
	return found;
}

/* How the directory answers: 0 or an errno. */
static int answer_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno;
	return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}

/* Says why one cannot mount where a Lokt mount is. */
static void mounted_say(const char *path, int err)
{
	if (err == EIO)
		message(LOG_ERR,
			"%s is a Lokt mount whose server keeps dying: loktfs --upgrade %s starts "
			"one "
			"again, fusermount3 -uz %s ends the mount",
			path, path, path);
	else
		message(LOG_ERR, "%s is a Lokt mount already: fusermount3 -u %s ends it", path,
			path);
}

bool mountpoint_prepare(const char *path)
{
	struct mounted mounted;
	int err = answer_of(path);

	request_timeout_check();
	resend_check();
	/* ECONNABORTED: the daemon died while we asked. */
	if (err == ENOTCONN || err == ECONNABORTED) {
		message(LOG_WARNING, "taking away the mount of a dead daemon at %s", path);
		if (!mountpoint_unmount(path)) {
			message(LOG_ERR, "cannot: try fusermount3 -uz %s", path);
			return false;
		}
		err = answer_of(path);
	}
	if (mountpoint_find(path, &mounted)) {
		mounted_say(path, err);
		return false;
	}
	if (err != 0)
		message(LOG_ERR, "cannot mount at %s: %s%s", path, strerror(err),
			err == ENOENT ? ": make the directory first" : "");
	return err == 0;
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

bool mountpoint_identity(const char *path, char text[MOUNT_TEXT])
{
	const uint32_t ns = mountpoint_namespace();
	struct mounted mounted;
	int len;

	if (!mountpoint_find(path, &mounted))
		return false;
	len = snprintf(text, MOUNT_TEXT, "%s/%llu", mounted.device,
		(unsigned long long)mountpoint_number(mounted.device));
	if (ns != 0)
		snprintf(text + len, MOUNT_TEXT - (size_t)len, "@%x", ns);
	return true;
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
