/* See directory.h. */
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"

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

int directory_open(const char *path)
{
	int dir = directory_make(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (dir < 0)
		message(LOG_ERR,
			"cannot use the state directory %s: %s (choose one with -o state=DIR)",
			path, strerror(errno));
	return dir;
}

/* Says who has the lock. */
static void refusal_say(int lock, const char *path)
{
	char holder[256] = "";
	ssize_t len = read(lock, holder, sizeof(holder) - 1);

	holder[len > 0 ? len : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	message(LOG_ERR,
		"the state directory %s is in use%s%s: stop that daemon or give -o state=DIR", path,
		*holder ? " by " : "", holder);
}

int directory_lock(int dir, const char *path)
{
	int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	if (lock >= 0 && errno == EWOULDBLOCK)
		refusal_say(lock, path);
	else
		message(LOG_ERR, "cannot lock the state directory %s: %s", path, strerror(errno));
	if (lock >= 0)
		close(lock);
	return -1;
}
