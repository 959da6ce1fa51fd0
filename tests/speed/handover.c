/*
 * Measures a hand-over: from the moment a holder calls for the release to the moment the next one runs.
 *
 * N + 1 processes share one lock and each takes it, holds it for a while and releases it, for ever. So
 * with a queue that is fair there are always N waiting. The hold is spent computing, as holders do, and
 * is long enough for the previous holder to be back in the queue.
 */
#include "crew.h"
#include "locker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t hold_ns = 200 * 1000, park_ns = 20ull * 1000 * 1000 * 1000;

enum { SAMPLES_MAX = 1 << 17 };

/* What the holders pass on. Only the holder touches it, so nothing here needs to be atomic but what
   the parent reads; it is nevertheless, for a lock that does not exclude. */
struct baton {
	_Atomic uint64_t released_ns; /* when the last holder began to release; 0: nobody yet */
	atomic_bool record;           /* the warm-up is over */
	atomic_int count;             /* samples taken; may exceed SAMPLES_MAX */
	uint32_t samples_ns[SAMPLES_MAX];
};

struct plan {
	const char *kind, *where; /* as in locker_create */
	struct baton *baton;
};

static const char name[] = "bench-baton";

/* The critical section: how long the way here took, then the hold. */
static void baton_pass(struct baton *baton, uint64_t taken)
{
	uint64_t released = baton->released_ns;

	if (released != 0 && baton->record) {
		int i = baton->count++;

		if (i < SAMPLES_MAX)
			baton->samples_ns[i] = (uint32_t)(taken - released);
	}
	while (now_ns() < taken + hold_ns)
		;
}

/* A member: waits for the lock, again and again. */
static bool relay(struct crew_board *board, int id, void *arg)
{
	const struct plan *plan = arg;
	struct locker *locker = locker_create(plan->kind, plan->where, name);
	int err = 0;

	if (locker == NULL)
		return crew_fail(board, plan->where, errno);
	crew_ready(board);
	while (!board->stop && err == 0) {
		err = locker_acquire(locker);
		if (err != 0)
			break;
		uint64_t taken = now_ns();
		crew_enter(board, id);
		if (!board->stop)
			baton_pass(plan->baton, taken);
		crew_leave(board);
		plan->baton->released_ns = now_ns();
		err = locker_release(locker);
	}
	locker_destroy(locker);
	return err == 0 || crew_fail(board, plan->where, err);
}

static int sample_compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Prints the median and the 99th percentile in microseconds, and of how many; false if of none. */
static bool baton_report(struct baton *baton)
{
	int count = baton->count < SAMPLES_MAX ? baton->count : SAMPLES_MAX;

	if (count == 0) {
		fprintf(stderr, "no hand-over in the time given\n");
		return false;
	}
	qsort(baton->samples_ns, (size_t)count, sizeof(baton->samples_ns[0]), sample_compare);
	printf("%.1f %.1f %d\n", baton->samples_ns[count / 2] / 1e3,
		baton->samples_ns[(int)(count * 0.99)] / 1e3, count);
	return true;
}

/* Holds the lock until everyone waits, then measures for a while; false if that failed. */
static bool relay_run(struct crew *crew, const struct plan *plan, double seconds, double warmup)
{
	struct locker *locker = locker_create(plan->kind, plan->where, name);
	int err = locker == NULL ? errno : locker_acquire(locker);

	if (err != 0)
		return crew_fail(crew->board, plan->where, err);
	if (crew_go(crew) && !crew_await_sleep(crew, park_ns))
		crew_fail(crew->board, "the waiters did not come to rest", ETIMEDOUT);
	err = locker_release(locker);
	locker_destroy(locker);
	if (err != 0)
		return crew_fail(crew->board, plan->where, err);
	pause_ns((uint64_t)(warmup * 1e9));
	plan->baton->record = true;
	pause_ns((uint64_t)(seconds * 1e9));
	plan->baton->record = false;
	return true;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: handover KIND WHERE WAITERS SECONDS WARMUP\n"
		"Prints median and 99th percentile in microseconds, and the number of samples.\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct plan plan;
	struct crew crew;
	int waiters;

	if (argc != 6)
		return usage();
	waiters = atoi(argv[3]);
	plan = (struct plan){argv[1], argv[2], shared_create(sizeof(struct baton))};
	if (waiters < 1)
		return usage();
	if (plan.baton == NULL || !crew_start(&crew, waiters + 1, relay, &plan)) {
		perror("cannot start the processes");
		return EXIT_FAILURE;
	}
	relay_run(&crew, &plan, atof(argv[4]), atof(argv[5]));
	if (!crew_finish(&crew) || !baton_report(plan.baton))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
