/* See single.h. */
#include "mosaic/paint/single.h"

#include "mosaic/mosaic.h"
#include "mosaic/paint/fence.h"
#include "mosaic/paint/ledger.h"
#include "mosaic/paint/next.h"
#include "mosaic/paint/tile.h"
#include "mosaic/paint/wait.h"
#include "mosaic/paint/worker.h"
#include "mosaic/reports.h"

#define NAPS 10 /* in the broken mode a worker falls asleep over one tile in so many */

struct claim {
	uint64_t i;
	bool again; /* somebody had it before, and died over it or is asleep */
	struct ledger_end end;
};

/* Claims the next index. Under the lock the ledger's end is the truth: if mosaic.next says another
 * number, somebody died between writing it and the ledger, and the tile is painted again. */
static int single_claim(struct worker *worker, struct claim *claim)
{
	bool locked = mosaic_locked(worker->mosaic);
	int err = ledger_find_end(worker->ledger, locked, &claim->end);

	if (err)
		return err;
	claim->i = next_read(worker->next);
	claim->again = locked && claim->i != claim->end.next;
	if (claim->again) {
		report_write(worker->reports, REPORT_RECOVERED, claim->end.next);
		claim->i = claim->end.next;
	}
	if (claim->i >= mosaic_total(worker->mosaic))
		return 0;
	return next_write(worker->next, claim->i + 1);
}

/* Whether a worker of the broken mode is to fall asleep over the tile: at random, and over the one
 * in the middle surely, the first time: so that a small mosaic breaks too. */
static bool single_naps(struct worker *worker, const struct claim *claim)
{
	if (worker->mosaic->mode != MODE_BROKEN)
		return false;
	if (worker_random(worker) % NAPS == 0)
		return true;
	return claim->i == mosaic_total(worker->mosaic) / 2 && !claim->again;
}

static int single_tile(struct worker *worker, bool *complete)
{
	struct claim claim;
	int err = fence_enter(worker->fence, worker->hold.token);

	if (err)
		return err;
	err = single_claim(worker, &claim);
	fence_leave(worker->fence);
	if (err)
		return err;
	*complete = claim.i >= mosaic_total(worker->mosaic);
	if (*complete)
		return 0;
	err = tile_paint(worker, &worker->hold, claim.i, single_naps(worker, &claim));
	return err ? err : tile_commit(worker, &claim.end, claim.i);
}

int single_turn(struct worker *worker, bool *complete)
{
	int err = 0;

	if (mosaic_locked(worker->mosaic))
		err = wait_take(worker, &worker->hold, worker->mosaic->name, NULL);
	if (err == 0)
		err = single_tile(worker, complete);
	hold_drop(&worker->hold);
	return err;
}
