/* The worker processes: started, counted, stopped. None outlives the process that started them. */
#ifndef MOSAIC_CREW_H
#define MOSAIC_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mosaic;

struct crew {
	pid_t *pids; /* 0: has ended; owned */
	size_t size, alive;
	size_t killed; /* ended by a signal */
	size_t failed; /* ended with an error of their own */
};

/* Forks `mosaic->workers` workers. They die with the calling process, even if that is killed.
 * Returns 0, or an errno: then those that did start are running. */
int crew_start(struct crew *crew, const struct mosaic *mosaic);

/* Takes note of every worker that has ended. */
void crew_reap(struct crew *crew);

/* Whether `pid` is one of the workers that have not been reaped: so it is safe to signal. */
bool crew_has(const struct crew *crew, pid_t pid);

/* Asks all to stop, insists after three seconds, and returns when none is left. Frees the rest. */
void crew_finish(struct crew *crew);

#endif
