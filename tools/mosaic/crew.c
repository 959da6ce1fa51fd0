/* See crew.h. */
#include "mosaic/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/mosaic.h"
#include "mosaic/worker.h"
#include "when.h"

#define PATIENCE_MS 3000

/* In the new process. The coordinator's blocked signals are the worker's to hear again. */
static _Noreturn void crew_work(const struct mosaic *mosaic, pid_t coordinator)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != coordinator) /* it died before the line above */
		_exit(1);
	prctl(PR_SET_NAME, "lokt-painter");
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(worker_run(mosaic));
}

int crew_start(struct crew *crew, const struct mosaic *mosaic)
{
	pid_t coordinator = getpid();

	*crew = (struct crew){.pids = calloc(mosaic->workers, sizeof(pid_t))};
	if (!crew->pids)
		return ENOMEM;
	while (crew->size < mosaic->workers) {
		pid_t pid = fork();

		if (pid < 0)
			return errno;
		if (pid == 0)
			crew_work(mosaic, coordinator);
		crew->pids[crew->size++] = pid;
		crew->alive++;
	}
	return 0;
}

static pid_t *crew_find(const struct crew *crew, pid_t pid)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->pids[i] == pid)
			return &crew->pids[i];
	return NULL;
}

bool crew_has(const struct crew *crew, pid_t pid)
{
	return pid > 0 && crew_find(crew, pid);
}

void crew_reap(struct crew *crew)
{
	pid_t pid, *place;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		place = crew_find(crew, pid);
		if (!place)
			continue;
		*place = 0;
		crew->alive--;
		crew->killed += WIFSIGNALED(status);
		crew->failed += WIFEXITED(status) && WEXITSTATUS(status) != 0;
	}
}

static void crew_signal(const struct crew *crew, int sig)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->pids[i])
			kill(crew->pids[i], sig);
}

/* SIGTERM again and again: one that comes just before a wait for the lock does not end the wait. */
void crew_finish(struct crew *crew)
{
	int64_t start = when_ms();
	struct crew before = *crew;

	for (int round = 0; crew->alive; round++) {
		if (when_ms() - start > PATIENCE_MS) {
			crew_signal(crew, SIGKILL);
		} else if (round % 20 == 0) {
			crew_signal(crew, SIGTERM);
			crew_signal(crew, SIGCONT);
		}
		usleep(5000);
		crew_reap(crew);
	}
	crew->killed = before.killed; /* what we did to them does not count */
	free(crew->pids);
	crew->pids = NULL;
	crew->size = 0;
}
