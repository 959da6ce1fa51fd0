/* See directory.h. */
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "aside.h"
#include "file.h"
#include "message.h"

#define LOCK_NAME "lock"
#define PATIENCE 50       /* tries to get the lock, */
#define PATIENCE_US 20000 /* and how long between two of them */

/* Makes `path` and what is missing above it, for its owner alone. */
static bool directory_make(const char *path)
{
	char copy[4096];

	if (strlen(path) >= sizeof(copy))
		return false;
	strcpy(copy, path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	return mkdir(copy, 0700) == 0 || errno == EEXIST;
}

int directory_open(const char *path, bool make)
{
	int dir = -1;

	if (!make || directory_make(path))
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		message(LOG_ERR,
			"cannot use the state directory %s: %s (choose one with -o state=DIR)",
			path, strerror(errno));
	return dir;
}

/* Says who has the lock. */
static void refusal_say(int dir, const char *path)
{
	int fd = file_open(dir, LOCK_NAME, O_RDONLY);
	char holder[256] = "";
	ssize_t len = fd >= 0 ? file_read(fd, holder, sizeof(holder) - 1, 0) : 0;

	file_close(&fd);
	holder[len > 0 ? len : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	message(LOG_ERR,
		"the state directory %s is in use%s%s: stop that daemon or give -o state=DIR", path,
		*holder ? " by " : "", holder);
}

int directory_try_lock(int dir)
{
	char aside[ASIDE_NAME];
	int lock;

	if (file_odd(dir, LOCK_NAME) && aside_move(dir, LOCK_NAME, aside))
		message(LOG_WARNING, "%s is no file: set aside as %s", LOCK_NAME, aside);
	lock = file_open(dir, LOCK_NAME, O_RDWR | O_CREAT);
	if (lock < 0 && errno == EROFS)
		lock = file_open(dir, LOCK_NAME, O_RDONLY);
	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	file_close(&lock);
	return -1;
}

int directory_lock(int dir, const char *path)
{
	int lock = directory_try_lock(dir);

	for (int i = 0; lock < 0 && errno == EWOULDBLOCK && i < PATIENCE; i++) {
		usleep(PATIENCE_US); /* who was told to end may not have got to it yet */
		lock = directory_try_lock(dir);
	}
	if (lock < 0 && errno == EWOULDBLOCK)
		refusal_say(dir, path);
	else if (lock < 0)
		message(LOG_ERR, "cannot lock the state directory %s: %s", path, strerror(errno));
	return lock;
}

int directory_claim(const char *path, const char *mountpoint)
{
	int dir = directory_open(path, true);
	int lock = dir < 0 ? -1 : directory_lock(dir, path);

	if (lock >= 0 && ftruncate(lock, 0) == 0)
		dprintf(lock, "loktfs at %s (pid %d)\n", mountpoint, getpid());
	file_close(&dir);
	return lock;
}

bool directory_locked_by(int dir, int lock)
{
	return lock >= 0 && file_same_name(lock, dir, LOCK_NAME);
}

int directory_of(int lock)
{
	char link[32], path[4096];
	ssize_t len;
	int dir;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", lock);
	len = lock >= 0 ? readlink(link, path, sizeof(path) - 1) : -1;
	path[len > 0 ? len : 0] = '\0';
	if (!strrchr(path, '/'))
		return -1;
	*strrchr(path, '/') = '\0';
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && !directory_locked_by(dir, lock))
		file_close(&dir);
	return dir;
}

bool directory_there(int dir, const char *path)
{
	int now = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool there = now >= 0 && file_same(dir, now);

	file_close(&now);
	return there;
}
