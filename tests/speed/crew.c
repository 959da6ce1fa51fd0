/* A crew of processes: starting, watching and ending them. */
#include "crew.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POLL_NS = 200 * 1000 }; /* how often the slow paths look again */

void *shared_create(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void pause_ns(uint64_t ns)
{
	struct timespec pause = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	nanosleep(&pause, NULL);
}

/* The life of a member. */
static _Noreturn void member_run(
	struct crew *crew, int id, crew_work *work, void *arg, pid_t parent)
{
	close(crew->gate);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(EXIT_FAILURE);
	_exit(work(crew->board, id, arg) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* Waits for a member; false if it failed. */
static bool member_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/* Whether a process sleeps. */
static bool member_asleep(pid_t pid)
{
	char path[64], state = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	stat = fopen(path, "re");
	if (stat == NULL)
		return false;
	if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(stat);
	return state == 'S' || state == 'D';
}

static void crew_kill(struct crew *crew)
{
	for (int i = 0; i < crew->size && crew->pids[i] != 0; i++) {
		kill(crew->pids[i], SIGKILL);
		member_reap(crew->pids[i]);
	}
}

/* Makes what all members need; false with errno set. */
static bool crew_init(struct crew *crew, int size)
{
	int gate[2];

	*crew = (struct crew){.size = size, .gate = -1};
	crew->pids = calloc((size_t)size, sizeof(*crew->pids));
	crew->board = shared_create(sizeof(*crew->board) + (size_t)size * sizeof(struct tally));
	if (crew->pids == NULL || crew->board == NULL || pipe2(gate, O_CLOEXEC) != 0)
		return false;
	crew->gate = gate[1];
	crew->board->gate = gate[0];
	return true;
}

bool crew_start(struct crew *crew, int size, crew_work *work, void *arg)
{
	pid_t parent = getpid();

	if (!crew_init(crew, size))
		return false;
	for (int i = 0; i < size; i++) {
		pid_t pid = fork();

		if (pid == 0)
			member_run(crew, i, work, arg, parent);
		if (pid < 0) {
			crew_kill(crew);
			return false;
		}
		crew->pids[i] = pid;
	}
	return true;
}

bool crew_go(struct crew *crew)
{
	while (crew->board->ready < crew->size && !crew->board->failed)
		pause_ns(POLL_NS);
	close(crew->gate);
	crew->gate = -1;
	return !crew->board->failed;
}

bool crew_await_sleep(const struct crew *crew, uint64_t limit_ns)
{
	uint64_t end = now_ns() + limit_ns;

	for (int i = 0; i < crew->size; i++) {
		while (!member_asleep(crew->pids[i])) {
			if (crew->board->failed || now_ns() > end)
				return false;
			pause_ns(POLL_NS);
		}
	}
	return true;
}

bool crew_finish(struct crew *crew)
{
	unsigned long violations;
	bool well = true;

	crew->board->stop = true;
	for (int i = 0; i < crew->size; i++)
		well &= member_reap(crew->pids[i]);
	violations = crew->board->violations;
	if (violations != 0)
		fprintf(stderr, "the lock did not exclude: %lu times two held it at once\n",
			violations);
	return well && violations == 0;
}

void crew_ready(struct crew_board *board)
{
	char nothing;

	board->ready++;
	while (read(board->gate, &nothing, 1) < 0 && errno == EINTR)
		;
}

void crew_enter(struct crew_board *board, int id)
{
	if (atomic_exchange(&board->owner, id + 1) != 0)
		board->violations++;
}

void crew_leave(struct crew_board *board)
{
	board->owner = 0;
}

bool crew_fail(struct crew_board *board, const char *what, int err)
{
	fprintf(stderr, "process %d: %s: %s\n", getpid(), what, strerror(err));
	board->failed = true;
	board->stop = true;
	return false;
}
