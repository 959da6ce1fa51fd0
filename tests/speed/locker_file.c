/* Locks that are files: by open(2) alone, or by open(2) and flock(2). */
#include "locker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct file_lock {
	struct locker base;
	int fd; /* -1 while not held */
	char path[PATH_MAX];
};

/* Opens until no signal interferes; 0 or an errno. */
static int file_open(struct file_lock *file, int flags)
{
	do {
		file->fd = open(file->path, flags | O_CLOEXEC, 0666);
	} while (file->fd < 0 && errno == EINTR);
	return file->fd < 0 ? errno : 0;
}

static int file_close(struct locker *locker)
{
	struct file_lock *file = (struct file_lock *)locker;
	int fd = file->fd;

	file->fd = -1;
	return close(fd) == 0 ? 0 : errno;
}

static void file_destroy(struct locker *locker)
{
	free(locker);
}

static int path_acquire(struct locker *locker)
{
	return file_open((struct file_lock *)locker, O_RDWR);
}

static int flock_acquire(struct locker *locker)
{
	struct file_lock *file = (struct file_lock *)locker;
	int err = file_open(file, O_RDWR | O_CREAT);

	if (err != 0)
		return err;
	while (flock(file->fd, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		err = errno;
		file_close(locker);
		return err;
	}
	return 0;
}

static const struct locker_ops path_ops = {path_acquire, file_close, file_destroy};
static const struct locker_ops flock_ops = {flock_acquire, file_close, file_destroy};

static struct locker *file_create(const struct locker_ops *ops, const char *dir, const char *name)
{
	struct file_lock *file = calloc(1, sizeof(*file));
	int length;

	if (file == NULL)
		return NULL;
	file->base.ops = ops;
	file->fd = -1;
	length = snprintf(file->path, sizeof(file->path), "%s/%s", dir, name);
	if (length < 0 || (size_t)length >= sizeof(file->path)) {
		free(file);
		errno = ENAMETOOLONG;
		return NULL;
	}
	return &file->base;
}

struct locker *locker_path_create(const char *dir, const char *name)
{
	return file_create(&path_ops, dir, name);
}

struct locker *locker_flock_create(const char *dir, const char *name)
{
	return file_create(&flock_ops, dir, name);
}
