/* What a mosaic is: the demo's options and the files it lives in. */
#ifndef MOSAIC_MOSAIC_H
#define MOSAIC_MOSAIC_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "mosaic/order.h"
#include "mount.h"

#define MOSAIC_LEDGER "mosaic.ledger.jsonl"   /* one line a tile, chained; the truth */
#define MOSAIC_NEXT "mosaic.next"             /* the next index, decimal */
#define MOSAIC_PICTURE "mosaic.ppm"           /* the picture itself, P6 */
#define MOSAIC_CLAIMS "mosaic.claims"         /* in two phases: a byte for each tile */
#define MOSAIC_FENCE "mosaic.fence"           /* the highest token that the files have seen */
#define MOSAIC_STATE "mosaic.state.json"      /* what is to be painted */
#define MOSAIC_REPORTS "mosaic.reports.jsonl" /* what the workers report */
#define MOSAIC_STATS "mosaic.stats.jsonl"     /* how it goes, a line a second */

#define MOSAIC_IMPATIENT_MS 100

/* How the workers keep out of each other's way. */
enum mode {
	MODE_LOKT,   /* by the lock */
	MODE_NOLOCK, /* not at all */
	MODE_BROKEN, /* by a lock whose TTL is shorter than some of the work, and nobody renews */
	MODES
};

struct mosaic {
	const char *name; /* of the lock */
	enum mode mode;
	enum order order;
	bool two_phase; /* claim a tile, paint it meanwhile, commit it; false: all under one hold */
	bool sample;    /* show the picture itself, not what the ledger says of it */
	bool check_token; /* the files refuse whoever comes with an older token than they have seen */
	uint64_t gx, gy; /* tiles across and down */
	uint64_t tile;   /* edge of a tile in the picture, in pixels */
	uint64_t workers, fps, seed;
	uint64_t impatient;         /* of the workers, how many wait MOSAIC_IMPATIENT_MS at most */
	int64_t ttl_ms, timeout_ms; /* or WHEN_NONE */
	int64_t tile_delay_ms;      /* the most that a worker rests before a tile */
	uint64_t chunk_size;        /* bytes painted at a time */
	int64_t chunk_delay_ms;     /* between two of those */
	struct mount mount;         /* unused without a lock */
	uint32_t *places;           /* by index: y * gx + x; owned, of order_lay() */
	char dir[PATH_MAX];
};

/* The number of tiles. */
uint64_t mosaic_total(const struct mosaic *mosaic);

/* Whether there is a lock at all. */
bool mosaic_locked(const struct mosaic *mosaic);

/* Whether an event of the audit is about the mosaic's lock, one of those for its tiles, or all locks. */
bool mosaic_concerned(const struct mosaic *mosaic, const cJSON *event);

/* The word for a mode, and the mode for a word; MODES if it is none. */
const char *mode_word(enum mode mode);
enum mode mode_parse(const char *word);

/* Opens one of the files in `dir` with open(2)'s flags. What is written to must be a plain file of the
 * caller's own that has no other name: in a directory where others may write, they may have put
 * anything there. A descriptor that is closed on exec, or -1 and errno: EPERM for such a file. */
int mosaic_open(const char *dir, const char *file, int flags);

/* Makes one of the files anew, empty, in place of whatever is there, and opens it for writing. As
 * above. */
int mosaic_make(const char *dir, const char *file);

/* Makes the directory and fresh files. Returns a descriptor that keeps other mosaics out of the
 * directory while it, or a copy that a child has, is open; or -1 having said why. */
int mosaic_create(const struct mosaic *mosaic);

/* Whether one is being painted in `dir`. */
bool mosaic_is_busy(const char *dir);

/* Reads back from `dir` what is to be painted and how: grid, order, tile, seed, mode, protocol.
 * Returns 0, or -1 having said why. `places` is the caller's to free. */
int mosaic_load(struct mosaic *mosaic, const char *dir);

#endif
