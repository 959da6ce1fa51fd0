/* See keeper.h. It has a session of its own, where no key of the terminal reaches it or loktfs. When
 * it is killed itself, loktfs in its turn gets SIGTERM from the kernel, and unmounts. */
#include "mosaic/service/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* Asks loktfs to end, and insists after a while. */
static void daemon_stop(pid_t daemon)
{
	const struct timespec patience = {.tv_sec = PATIENCE_S};
	siginfo_t info = {0};
	sigset_t ended;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	kill(daemon, SIGTERM);
	while (waitid(P_PID, (id_t)daemon, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid == 0)
		if (sigtimedwait(&ended, NULL, &patience) < 0 && errno == EAGAIN)
			kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
}

/* Starts loktfs once more, after it was killed; it takes away the mount that was left. */
static pid_t daemon_again(pid_t daemon, const char *program)
{
	pid_t keeper = getpid(), pid;

	waitpid(daemon, NULL, 0);
	pid = fork();
	if (pid == 0)
		daemon_run(program, keeper);
	return pid;
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
	pid_t self = getpid(), daemon = -1;
	char path[PATH_MAX];
	sigset_t heard;
	int sig;

	sigemptyset(&heard);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGUSR1);
	if (keeper_settle(keeper, &heard) == 0)
		daemon = fork();
	if (daemon == 0)
		daemon_run(keeper->program, self);
	while (daemon > 0 && (sig = sigwaitinfo(&heard, NULL)) != SIGTERM)
		if (sig == SIGCHLD) /* loktfs has ended: who waits for it is to hear that */
			shutdown(NOTIFY, SHUT_RDWR);
		else if (sig == SIGUSR1)
			daemon = daemon_again(daemon, keeper->program);
	if (daemon > 0) {
		daemon_stop(daemon);
		remains_remove(".", path);
	}
	_exit(daemon < 0);
}
