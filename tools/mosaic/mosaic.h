/* What a mosaic is: the demo's options and the files it lives in. */
#ifndef MOSAIC_MOSAIC_H
#define MOSAIC_MOSAIC_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "mount.h"

#define MOSAIC_LEDGER "mosaic.ledger.jsonl" /* one line a tile, chained; the truth */
#define MOSAIC_NEXT "mosaic.next"           /* the next index, decimal */
#define MOSAIC_PICTURE "mosaic.ppm"         /* the picture itself, P6 */
#define MOSAIC_STATE "mosaic.state.json"    /* what is to be painted */
#define MOSAIC_STATS "mosaic.stats.jsonl"   /* what the workers report */

struct mosaic {
	const char *name; /* of the lock */
	uint64_t gx, gy;  /* tiles across and down */
	uint64_t tile;    /* edge of a tile in the picture, in pixels */
	uint64_t workers, fps, seed;
	int64_t ttl_ms, timeout_ms; /* or WHEN_NONE */
	int64_t tile_delay_ms;      /* the most that a worker rests before a tile */
	uint64_t chunk_size;        /* bytes painted at a time */
	int64_t chunk_delay_ms;     /* between two of those */
	bool locked;                /* false: --mode nolock */
	struct mount mount;         /* unused without a lock */
	char dir[PATH_MAX];
};

/* The number of tiles. */
uint64_t mosaic_total(const struct mosaic *mosaic);

/* Opens one of the files in `dir` with open(2)'s flags and O_CLOEXEC. A descriptor, or -1 and
 * errno. */
int mosaic_open(const char *dir, const char *file, int flags);

/* Makes the directory and fresh files. Returns a descriptor that keeps other mosaics out of the
 * directory while it, or a copy that a child has, is open; or -1 having said why. */
int mosaic_create(const struct mosaic *mosaic);

/* Reads back from `dir` what is to be painted: grid, tile, seed and whether under a lock. Returns
 * 0, or -1 having said why. */
int mosaic_load(struct mosaic *mosaic, const char *dir);

#endif
