/* See crew.h. */
#include "mosaic/crew.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/mosaic.h"
#include "mosaic/paint/worker.h"
#include "when.h"

#define PATIENCE_MS 3000

/* In the new process. The coordinator's blocked signals are the worker's to hear again. */
static _Noreturn void crew_work(const struct mosaic *mosaic, uint64_t index, pid_t coordinator)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != coordinator) /* it died before the line above */
		_exit(1);
	prctl(PR_SET_NAME, "lokt-painter");
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(worker_run(mosaic, index));
}

static int badge_order(const void *a, const void *b)
{
	const struct crew_badge *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int crew_start(struct crew *crew, const struct mosaic *mosaic)
{
	pid_t coordinator = getpid(), pid = 0;
	int err;

	*crew = (struct crew){.pids = calloc(mosaic->workers, sizeof(*crew->pids)),
		.badges = calloc(mosaic->workers, sizeof(*crew->badges))};
	if (!crew->pids || !crew->badges)
		return ENOMEM;
	while (crew->size < mosaic->workers && (pid = fork()) >= 0) {
		if (pid == 0)
			crew_work(mosaic, crew->size, coordinator);
		crew->badges[crew->size] = (struct crew_badge){pid, crew->size};
		crew->pids[crew->size++] = pid;
		crew->alive++;
	}
	err = pid < 0 ? errno : 0;
	qsort(crew->badges, crew->size, sizeof(*crew->badges), badge_order);
	return err;
}

/* Where a worker's pid is noted; NULL if it is none. */
static pid_t *crew_find(const struct crew *crew, pid_t pid)
{
	const struct crew_badge key = {.pid = pid}, *badge = NULL;

	if (crew->size > 0)
		badge = bsearch(&key, crew->badges, crew->size, sizeof(key), badge_order);
	return badge && crew->pids[badge->index] == pid ? &crew->pids[badge->index] : NULL;
}

bool crew_has(const struct crew *crew, pid_t pid)
{
	return pid > 0 && crew_find(crew, pid);
}

static void crew_note(struct crew *crew, pid_t *place, int status)
{
	*place = 0;
	crew->alive--;
	crew->killed += WIFSIGNALED(status);
	crew->failed += WIFEXITED(status) && WEXITSTATUS(status) != 0;
}

bool crew_ended(struct crew *crew, pid_t pid, int status)
{
	pid_t *place = crew_find(crew, pid);

	if (place)
		crew_note(crew, place, status);
	return place;
}

static void crew_signal(const struct crew *crew, int sig)
{
	for (size_t i = 0; i < crew->size; i++)
		if (crew->pids[i])
			kill(crew->pids[i], sig);
}

/* Waits for one after the other: all are to end, whichever is first. */
void crew_finish(struct crew *crew)
{
	int64_t start = when_ms();
	size_t killed = crew->killed, i = 0;
	bool patient = true;
	int status = 0;

	crew_signal(crew, SIGTERM);
	crew_signal(crew, SIGCONT);
	while (i < crew->size) {
		if (crew->pids[i] && waitpid(crew->pids[i], &status, WNOHANG) != 0)
			crew_note(crew, &crew->pids[i], status);
		if (!crew->pids[i]) {
			i++;
			continue;
		}
		if (patient && when_ms() - start > PATIENCE_MS) {
			patient = false;
			crew_signal(crew, SIGKILL);
		}
		usleep(2000);
	}
	crew->killed = killed; /* what we did to them does not count */
	free(crew->pids);
	free(crew->badges);
	crew->pids = NULL;
	crew->badges = NULL;
	crew->size = 0;
}
