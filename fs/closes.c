/* See closes.h. */
#include "closes.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

int closes_watch(struct closes *closes, const struct finding *finding)
{
	char path[64];
	int watch;

	if (closes->fd == 0)
		closes->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC) + 1;
	if (closes->fd == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", finding->dir, finding->fd);
	watch = inotify_add_watch(closes->fd - 1, path, IN_CLOSE);
	/* The number may have become another file's meanwhile. */
	return watch > 0 && search_still(finding) ? watch : 0;
}

int closes_next(const struct closes *closes)
{
	struct inotify_event event; /* one has a name only of what is in a directory */

	if (closes->fd == 0 || read(closes->fd - 1, &event, sizeof(event)) != sizeof(event))
		return 0;
	return event.wd;
}

void closes_finish(struct closes *closes)
{
	if (closes->fd)
		close(closes->fd - 1);
	closes->fd = 0;
}
