/* See child.h. */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

#define STOP_PATIENCE_MS 500
#define TREE_DEPTH 64
#define TREE_WIDTH 512 /* children of one process that a signal to all of them reaches */

/* In the new process: becomes the command, or ends. */
static _Noreturn void child_run(
	char **argv, int fd, pid_t parent, const sigset_t *mask, const struct sigaction *chld)
{
	char number[16];
	int code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(CODE_ERROR);
	snprintf(number, sizeof(number), "%d", fd);
	if (fcntl(fd, F_SETFD, 0) < 0 || setenv("LOKT_FD", number, 1) < 0)
		_exit(CODE_ERROR);
	sigaction(SIGCHLD, chld, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	code = errno == ENOENT ? 127 : 126;
	say("%s: %s", argv[0], errno == ENOENT ? "command not found" : strerror(errno));
	_exit(code);
}

int child_start(struct child *child, char **argv, int fd, const sigset_t *mask,
	const struct sigaction *chld)
{
	pid_t parent = getpid();
	int err;

	*child = (struct child){.pidfd = -1};
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0)
		return errno;
	if (child->pid == 0)
		child_run(argv, fd, parent, mask, chld);
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd >= 0)
		return 0;
	err = errno;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	return err;
}

void child_signal(const struct child *child, int sig)
{
	kill(child->pid, sig);
}

/* Adds to `pids` the children of one thread, as proc_tid_children(5) lists them. */
static size_t thread_children(pid_t pid, const char *thread, pid_t pids[], size_t count)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread);
	file = fopen(path, "re");
	while (file && count < TREE_WIDTH && fscanf(file, "%d", &pids[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

static size_t process_children(pid_t pid, pid_t pids[])
{
	char path[64];
	struct dirent *entry;
	size_t count = 0;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			count = thread_children(pid, entry->d_name, pids, count);
	if (threads)
		closedir(threads);
	return count;
}

/* The children are read before their parent gets the signal: after it they would be init's. */
static void tree_signal(pid_t pid, int sig, int depth)
{
	pid_t pids[TREE_WIDTH];
	size_t count = depth < TREE_DEPTH ? process_children(pid, pids) : 0;

	kill(pid, sig);
	for (size_t i = 0; i < count; i++)
		tree_signal(pids[i], sig, depth + 1);
}

void child_signal_all(const struct child *child, int sig)
{
	tree_signal(child->pid, sig, 0);
}

void child_stop(const struct child *child)
{
	siginfo_t info = {0};

	child_signal_all(child, SIGTSTP);
	for (int waited = 0; waited < STOP_PATIENCE_MS && info.si_pid == 0; waited += 10) {
		usleep(10000);
		waitid(P_PID, (id_t)child->pid, &info, WSTOPPED | WEXITED | WNOHANG | WNOWAIT);
	}
	if (info.si_pid == 0)
		child_signal_all(child, SIGSTOP);
}

int child_finish(struct child *child)
{
	int status;

	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(child->pidfd);
	child->pidfd = -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
