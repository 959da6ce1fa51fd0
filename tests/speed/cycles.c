/* Counts how many times a second processes can take and release a lock: one each, or one for all. */
#include "crew.h"
#include "locker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is measured; read only once the crew has started. */
struct plan {
	const char *kind;  /* as in locker_create */
	const char *where; /* likewise */
	bool one;          /* one lock for all processes */
};

/* A member: takes and releases until told to stop. */
static bool cycle(struct crew_board *board, int id, void *arg)
{
	const struct plan *plan = arg;
	struct locker *locker;
	char name[32] = "bench-one";
	int err = 0;

	if (!plan->one)
		snprintf(name, sizeof(name), "bench-%d", id);
	locker = locker_create(plan->kind, plan->where, name);
	if (locker == NULL)
		return crew_fail(board, plan->where, errno);
	crew_ready(board);
	while (!board->stop) {
		err = locker_acquire(locker);
		if (err != 0)
			break;
		if (plan->one) {
			crew_enter(board, id);
			crew_leave(board);
		}
		err = locker_release(locker);
		if (err != 0)
			break;
		atomic_fetch_add_explicit(&board->tallies[id].cycles, 1, memory_order_relaxed);
	}
	locker_destroy(locker);
	return err == 0 || crew_fail(board, plan->where, err);
}

static unsigned long cycles_sum(const struct crew *crew)
{
	unsigned long sum = 0;

	for (int i = 0; i < crew->size; i++)
		sum += crew->board->tallies[i].cycles;
	return sum;
}

/* Lets a started crew warm up, then counts for a while; cycles a second. */
static double crew_rate(struct crew *crew, double warmup, double seconds)
{
	unsigned long before;
	uint64_t start;

	pause_ns((uint64_t)(warmup * 1e9));
	before = cycles_sum(crew);
	start = now_ns();
	pause_ns((uint64_t)(seconds * 1e9));
	return (double)(cycles_sum(crew) - before) * 1e9 / (double)(now_ns() - start);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: cycles KIND WHERE PROCESSES own|one SECONDS WARMUP\n"
		"Prints cycles a second. KIND is path, flock, redis or none.\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct plan plan;
	struct crew crew;
	double rate = 0;
	int size;

	if (argc != 7)
		return usage();
	plan = (struct plan){.kind = argv[1], .where = argv[2], .one = strcmp(argv[4], "one") == 0};
	size = atoi(argv[3]);
	if (size < 1 || (!plan.one && strcmp(argv[4], "own") != 0))
		return usage();
	if (!crew_start(&crew, size, cycle, &plan)) {
		perror("cannot start the processes");
		return EXIT_FAILURE;
	}
	if (crew_go(&crew))
		rate = crew_rate(&crew, atof(argv[6]), atof(argv[5]));
	if (!crew_finish(&crew))
		return EXIT_FAILURE;
	printf("%.0f\n", rate);
	return EXIT_SUCCESS;
}
