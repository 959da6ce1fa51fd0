/* See spawn.h. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"

#define FIRST 3  /* where kept descriptors stand */
#define ASIDE 64 /* where nothing stands */

extern char **environ;

void kept_take(struct kept *kept)
{
	int *fds[] = {&kept->fuse, &kept->carry, &kept->lock, &kept->ready};

	for (int i = 0; i < 4; i++) {
		bool there = fcntl(FIRST + i, F_SETFD, FD_CLOEXEC) == 0;

		*fds[i] = there ? FIRST + i : -1;
	}
	close_range(FIRST + 4, ~0U, 0);
}

int program_open(void)
{
	return open("/proc/self/exe", O_PATH | O_CLOEXEC);
}

/* Puts the descriptors where the new program looks for them. */
static bool kept_place(const struct kept *kept, int *program)
{
	int fds[] = {kept->fuse, kept->carry, kept->lock, kept->ready, *program};

	for (int i = 0; i < 5; i++)
		if (fds[i] >= 0 && (fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, ASIDE)) < 0)
			return false;
	close_range(FIRST, ASIDE - 1, 0);
	for (int i = 0; i < 4; i++)
		if (fds[i] >= 0 && dup2(fds[i], FIRST + i) < 0)
			return false;
	*program = fds[4];
	return true;
}

void become(int program, const char *role, const struct options *options, const struct kept *kept)
{
	char **argv = options_argv(options, role);
	sigset_t later;

	sigemptyset(&later); /* what ends it, or sends it away, waits until it listens */
	sigaddset(&later, SIGTERM);
	sigaddset(&later, SIGINT);
	sigaddset(&later, SIGHUP);
	sigaddset(&later, SIGUSR1);
	sigprocmask(SIG_SETMASK, &later, NULL);
	if (argv && kept_place(kept, &program))
		fexecve(program, argv, environ);
}

pid_t spawn(int program, const char *role, const struct options *options, const struct kept *kept)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	become(program, role, options, kept);
	message(LOG_ERR, "cannot start loktfs %s: %s", role, strerror(errno));
	_exit(126);
}

int process_fd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

bool process_has_ended(int fd)
{
	struct pollfd ended = {fd, POLLIN, 0};

	return poll(&ended, 1, 0) == 1;
}
