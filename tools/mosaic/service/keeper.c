/* See keeper.h. It has a session of its own, where no key of the terminal reaches it or loktfs. When
 * it is killed itself, loktfs in its turn gets SIGTERM from the kernel, and unmounts. */
#include "mosaic/service/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/service/remains.h"

#define PATIENCE_S 5 /* for loktfs to end */

/* The keeper's descriptors, from 3 on. */
enum { LOCK = 3, NOTIFY, DESCRIPTORS };

/* In the newest process: becomes loktfs. By relative paths: a comma in one would end the option. */
static _Noreturn void daemon_run(const char *program, pid_t keeper)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != keeper) /* it died before the line above */
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_range(LOCK, ~0U, 0);
	execl(program, "loktfs", "-f", "-o", "state=" PRIVATE_STATE, PRIVATE_POINT, (char *)NULL);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(1);
}

/* Starts loktfs, in a process group of its own. The group, or -1. */
static pid_t daemon_start(const char *program)
{
	pid_t self = getpid(), group = fork();

	if (group == 0)
		daemon_run(program, self);
	if (group > 0)
		setpgid(group, group); /* whoever of the two is first */
	return group;
}

/* Whether all of loktfs has ended. Its processes start each other anew, and become ours when they are
 * left alone. */
static bool daemon_ended(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0;
}

/* Asks loktfs to end, and insists after a while. */
static void daemon_stop(pid_t group)
{
	const struct timespec patience = {.tv_sec = PATIENCE_S};
	int sig = SIGTERM;
	sigset_t news;

	sigemptyset(&news);
	sigaddset(&news, SIGCHLD);
	while (!daemon_ended()) {
		kill(-group, sig);
		kill(-group, SIGCONT); /* should it be stopped */
		while (!daemon_ended() && sigtimedwait(&news, NULL, &patience) > 0)
			;
		sig = SIGKILL;
	}
}

/* Closes what is the coordinator's, above all its locks and its terminal. */
static void descriptors_settle(const struct keeper *keeper)
{
	int fds[DESCRIPTORS] = {-1, keeper->messages,
		keeper->messages, [LOCK] = keeper->lock, [NOTIFY] = keeper->notify};

	for (int i = 1; i < DESCRIPTORS; i++)
		fds[i] = fcntl(fds[i], F_DUPFD, DESCRIPTORS); /* out of the way */
	close(0);
	open("/dev/null", O_RDONLY);
	for (int i = 1; i < DESCRIPTORS; i++)
		dup2(fds[i], i);
	close_range(DESCRIPTORS, ~0U, 0);
}

/* Makes descriptors, signals, session and directory its own, and the mount point. Returns 0, or -1,
 * having said why, unless nobody is left who wants to know. */
static int keeper_settle(const struct keeper *keeper, const sigset_t *heard)
{
	const struct sigaction ended = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP};

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigaction(SIGCHLD, &ended, NULL); /* that loktfs stands still is no news */
	sigprocmask(SIG_SETMASK, heard, NULL);
	prctl(PR_SET_NAME, "lokt-keeper");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != keeper->coordinator) /* it died before the line above */
		return -1;
	setsid();
	descriptors_settle(keeper);
	if (chdir(keeper->dir) == 0 && mkdir(PRIVATE_POINT, 0755) == 0 &&
		setenv("NOTIFY_SOCKET", keeper->address, 1) == 0)
		return 0;
	fprintf(stderr, "%s/" PRIVATE_POINT ": %s\n", keeper->dir, strerror(errno));
	return -1;
}

_Noreturn void keeper_run(const struct keeper *keeper)
{
	char path[PATH_MAX];
	pid_t group = -1;
	sigset_t heard;

	sigemptyset(&heard);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGCHLD);
	if (keeper_settle(keeper, &heard) == 0)
		group = daemon_start(keeper->program);
	while (group > 0 && sigwaitinfo(&heard, NULL) != SIGTERM)
		if (daemon_ended()) /* who waits for it is to hear that */
			shutdown(NOTIFY, SHUT_RDWR);
	if (group > 0) {
		daemon_stop(group);
		remains_remove(".", path);
	}
	_exit(group < 0);
}
