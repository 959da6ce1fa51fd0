/* The worker processes: started, counted, stopped. None outlives the process that started them. */
#ifndef MOSAIC_CREW_H
#define MOSAIC_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mosaic;

/* Whose process it is. */
struct crew_badge {
	pid_t pid;
	size_t index;
};

struct crew {
	pid_t *pids;               /* by the worker's index; 0: has ended; owned */
	struct crew_badge *badges; /* of all that were started, by pid; owned */
	size_t size, alive;
	size_t killed; /* ended by a signal */
	size_t failed; /* ended with an error of their own */
};

/* Forks `mosaic->workers` workers. They die with the calling process, even if that is killed.
 * Returns 0, or an errno: then those that did start are running, and crew_finish() is due. */
int crew_start(struct crew *crew, const struct mosaic *mosaic);

/* Takes note of a process that ended with `status`, and that the caller has waited for. False: it
 * is none of the workers. */
bool crew_ended(struct crew *crew, pid_t pid, int status);

/* Whether `pid` is one of the workers that have not ended: so it is safe to signal. */
bool crew_has(const struct crew *crew, pid_t pid);

/* Asks all to stop, insists after three seconds, and returns when none is left. Frees the rest. */
void crew_finish(struct crew *crew);

#endif
