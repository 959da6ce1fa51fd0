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

/* Processes, a parent before its children. */
struct tree {
	pid_t *pids;
	size_t count, room;
};

/* Without memory the tree stays as it is: what is in it gets the signal. */
static void tree_add(struct tree *tree, pid_t pid)
{
	size_t room = tree->room ? tree->room * 2 : 64;
	pid_t *pids = tree->pids;

	if (tree->count == tree->room) {
		pids = realloc(pids, room * sizeof(*pids));
		if (!pids)
			return;
		tree->pids = pids;
		tree->room = room;
	}
	pids[tree->count++] = pid;
}

/* Adds the children of one thread, as proc_tid_children(5) lists them. */
static void thread_children(struct tree *tree, pid_t pid, const char *thread)
{
	char path[300];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, thread);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &child) == 1)
		tree_add(tree, child);
	if (file)
		fclose(file);
}

static void process_children(struct tree *tree, pid_t pid)
{
	char path[64];
	struct dirent *entry;
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			thread_children(tree, pid, entry->d_name);
	if (threads)
		closedir(threads);
}

/* All are found before the first gets the signal: what its parent leaves behind would be init's. */
void child_signal_all(const struct child *child, int sig)
{
	struct tree tree = {0};

	tree_add(&tree, child->pid);
	for (size_t i = 0; i < tree.count; i++)
		process_children(&tree, tree.pids[i]);
	for (size_t i = 0; i < tree.count; i++)
		kill(tree.pids[i], sig);
	free(tree.pids);
}

/* A process that is killed while it forks leaves a child that nobody looks for. So all are stopped
 * first, and then those that came to be before their parents had stopped. */
void child_kill_all(const struct child *child)
{
	child_signal_all(child, SIGSTOP);
	child_signal_all(child, SIGSTOP);
	child_signal_all(child, SIGKILL);
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
