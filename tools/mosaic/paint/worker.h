/* A worker: a process that paints tiles and enters them in the ledger, until all are there. */
#ifndef MOSAIC_PAINT_WORKER_H
#define MOSAIC_PAINT_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "hold.h"

struct mosaic;

#define WORKER_OWNER 128

struct worker {
	const struct mosaic *mosaic;
	uint64_t index;                     /* among the workers, from 0 */
	int ledger, next, picture, reports; /* the mosaic's files; owned */
	int claims;                         /* -1 unless in two phases; owned */
	int fence;                          /* -1 unless the files check tokens; owned */
	struct hold hold;                   /* what lets it at those files; fd -1: none */
	struct hold tile;                   /* in two phases: on the tile that it paints */
	char owner[WORKER_OWNER];           /* user@host */
	uint64_t random;
	bool over; /* in two phases: no tile is left that nobody has claimed yet */
};

/* Works until all tiles are painted or SIGTERM asks it to stop: it finishes the tile it is at, but
 * waits for nothing any more. Uses nothing but open, read, write and close on the mount and on the
 * mosaic's files. Returns the process's exit code: 0, or 1 after an error that it cannot go on from
 * (which it has reported). */
int worker_run(const struct mosaic *mosaic, uint64_t index);

/* The next of its random numbers. */
uint64_t worker_random(struct worker *worker);

/* Sleeps at random, `least` to `most` milliseconds; a signal ends it. */
void worker_rest(struct worker *worker, int64_t least, int64_t most);

#endif
