/* See twophase.h.
 *
 * claim   under NAME.claim: mosaic.next says i, and i + 1 goes into it; NAME.tile-i is taken, which
 *         nobody has; i is marked held in mosaic.claims
 * paint   under NAME.tile-i, which is renewed
 * commit  under NAME and NAME.tile-i, both confirmed: the line is appended to the ledger; i is
 *         marked done
 *
 * Who holds NAME.tile-i, and he alone, paints and commits i. mosaic.next is only where to look
 * first, mosaic.claims only what is known without a look into the ledger, and the ledger is the
 * truth. So a worker may die anywhere; its locks are free at that moment, and it has left:
 *
 * before mosaic.next was written     nothing
 * before NAME.tile-i was taken       i below mosaic.next, marked free
 * before i was marked held           the same
 * before the line was in the ledger  i marked held. Half a line has no newline: whoever appends the
 *                                    next cuts it off
 * before i was marked done           i marked held, but the ledger has it
 *
 * This makes up for all of it: once mosaic.next is at the end, a worker waits for the lock of some
 * tile that is not done, whose holder commits it or dies. Has he committed it, it is marked done.
 * Else it is now this worker's: marked free, to be painted; marked held, to be looked for in the
 * ledger first. Who is stopped past his TTL finds his hold lost and leaves the tile alone, as if he
 * had died.
 *
 * Who was stopped just before he wrote mosaic.next may set it back: those who claim next pass over
 * what is done, and a tile whose lock somebody has is not theirs. */
#include "mosaic/paint/twophase.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "mosaic/mosaic.h"
#include "mosaic/paint/claims.h"
#include "mosaic/paint/ledger.h"
#include "mosaic/paint/next.h"
#include "mosaic/paint/tile.h"
#include "mosaic/paint/wait.h"
#include "mosaic/paint/worker.h"
#include "mosaic/reports.h"

static void tile_name(char out[NAME_MAX], const struct worker *worker, uint64_t i)
{
	snprintf(out, NAME_MAX, "%s.tile-%" PRIu64, worker->mosaic->name, i);
}

/* What is to be done with tile `i` now that this worker has its lock: `*paint` it, or nothing.
 * `left`: another has surely begun with it. */
static int twophase_judge(struct worker *worker, uint64_t i, bool left, bool *paint)
{
	bool there = false;
	char mark;
	int err = claims_read(worker->claims, i, &mark);

	if (err || mark == CLAIMS_DONE)
		return err;
	if (left || mark != CLAIMS_FREE)
		report_write(worker->reports, REPORT_RECOVERED, i);
	if (mark != CLAIMS_FREE)
		err = ledger_find(worker->ledger, i, &there);
	if (err)
		return err;
	*paint = !there;
	return claims_write(worker->claims, i, there ? CLAIMS_DONE : CLAIMS_HELD);
}

/* The first tile from mosaic.next on that is not done; mosaic.next goes behind it. */
static int twophase_next(struct worker *worker, uint64_t *i)
{
	uint64_t total = mosaic_total(worker->mosaic), first = next_read(worker->next), behind;
	char mark = CLAIMS_DONE;
	int err = 0;

	*i = first == UINT64_MAX ? 0 : first;
	for (; *i < total && err == 0; ++*i) {
		err = claims_read(worker->claims, *i, &mark);
		if (err || mark != CLAIMS_DONE)
			break;
	}
	behind = *i < total ? *i + 1 : total;
	if (err == 0)
		err = hold_confirm_if_due(&worker->hold);
	return err || behind == first ? err : next_write(worker->next, behind);
}

/* Claims tile `*i`, and says whether to `*paint` it. None is left: the number of tiles. */
static int twophase_claim(struct worker *worker, uint64_t *i, bool *paint)
{
	char name[NAME_MAX];
	int err;

	snprintf(name, sizeof(name), "%s.claim", worker->mosaic->name);
	err = wait_take(worker, &worker->hold, name, NULL);
	if (err)
		return err;
	err = twophase_next(worker, i);
	if (err == 0 && *i < mosaic_total(worker->mosaic)) {
		tile_name(name, worker, *i);
		err = wait_try(worker, &worker->tile, name);
		if (err == 0)
			err = twophase_judge(worker, *i, false, paint);
		else if (err == EAGAIN) /* somebody has it, or it is frozen: it is left */
			err = 0;
	}
	hold_drop(&worker->hold);
	return err;
}

/* When all are claimed: waits for one that is not done. All are: the number of tiles. */
static int twophase_inherit(struct worker *worker, uint64_t *i, bool *paint)
{
	uint64_t total = mosaic_total(worker->mosaic);
	char name[NAME_MAX];
	int err = claims_pick(worker->claims, total, worker_random(worker), i);

	if (err || *i == total)
		return err;
	tile_name(name, worker, *i);
	err = wait_idle(worker, &worker->tile, name);
	return err ? err : twophase_judge(worker, *i, true, paint);
}

static int twophase_commit(struct worker *worker, uint64_t i)
{
	struct ledger_end end;
	int err = wait_take(worker, &worker->hold, worker->mosaic->name, &worker->tile);

	if (err == 0)
		err = ledger_find_end(worker->ledger, true, &end);
	if (err == 0)
		err = tile_commit(worker, &end, i);
	if (err == 0)
		err = claims_write(worker->claims, i, CLAIMS_DONE);
	hold_drop(&worker->hold);
	return err;
}

int twophase_turn(struct worker *worker, bool *complete)
{
	uint64_t total = mosaic_total(worker->mosaic), i = total;
	bool paint = false;
	int err = 0;

	if (!worker->over) {
		err = twophase_claim(worker, &i, &paint);
		worker->over = err == 0 && i == total;
	}
	if (worker->over) {
		err = twophase_inherit(worker, &i, &paint);
		*complete = err == 0 && i == total;
	}
	if (err == 0 && paint)
		err = tile_paint(worker, &worker->tile, i, false);
	if (err == 0 && paint)
		err = twophase_commit(worker, i);
	hold_drop(&worker->tile);
	return err;
}
