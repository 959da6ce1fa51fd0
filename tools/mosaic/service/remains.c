/* See remains.h. */
#include "mosaic/service/remains.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

int remains_path(char path[PATH_MAX], const char *dir, const char *file)
{
	int len = snprintf(path, PATH_MAX, "%s/%s", dir, file);

	return len < 0 || len >= PATH_MAX ? ENAMETOOLONG : 0;
}

/* Takes a mount away; fusermount3 does it for who is not root. */
static void point_detach(const char *point)
{
	pid_t child;

	if (umount2(point, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		return;
	child = fork();
	if (child == 0) {
		execlp("fusermount3", "fusermount3", "-uz", "--", point, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

/* Removes the mount point, with a mount on it whose daemon is dead. statfs(2) tells: the kernel never
 * answers it by itself. Returns 0 or an errno; EBUSY: a mount that lives. */
static int point_remove(const char *point)
{
	struct statfs st;

	if (rmdir(point) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return errno;
	if (statfs(point, &st) == 0 || (errno != ENOTCONN && errno != ECONNABORTED))
		return EBUSY;
	point_detach(point);
	return rmdir(point) < 0 ? errno : 0;
}

/* Removes the state: files in one directory, for loktfs makes no others there. What somebody mounted
 * or linked in its place stays. Returns 0 or an errno. */
static int state_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	struct statx st;

	if (!dir)
		return errno == ENOENT ? 0 : errno;
	if (statx(fd, "", AT_EMPTY_PATH, 0, &st) == 0 &&
		!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		while ((entry = readdir(dir)))
			unlinkat(fd, entry->d_name, 0); /* a directory refuses that */
	closedir(dir);
	return rmdir(path) < 0 ? errno : 0;
}

int remains_remove(const char *dir, char path[PATH_MAX])
{
	struct stat st;
	int err = remains_path(path, dir, PRIVATE_MESSAGES);

	if (err == 0 && lstat(path, &st) == 0 && st.st_size == 0)
		unlink(path);
	if (err == 0 && (err = remains_path(path, dir, PRIVATE_POINT)) == 0)
		err = point_remove(path);
	if (err == 0 && (err = remains_path(path, dir, PRIVATE_STATE)) == 0)
		err = state_remove(path);
	return err;
}
