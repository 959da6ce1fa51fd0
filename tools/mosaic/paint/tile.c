/* See tile.h. */
#include "mosaic/paint/tile.h"

#include <errno.h>
#include <unistd.h>

#include "hold.h"
#include "mosaic/colour.h"
#include "mosaic/mosaic.h"
#include "mosaic/paint/fence.h"
#include "mosaic/paint/ledger.h"
#include "mosaic/paint/picture.h"
#include "mosaic/paint/wake.h"
#include "mosaic/paint/worker.h"
#include "when.h"

struct painting {
	struct worker *worker;
	struct hold *hold;
	uint64_t nap; /* the chunk before which it falls asleep; UINT64_MAX: none */
};

/* Whether it sees to its holds at all: in the broken mode nobody does. */
static bool careful(const struct worker *worker)
{
	return worker->mosaic->mode == MODE_LOKT;
}

/* Whether the hold, confirmed before, has run out since by the clock. */
static bool hold_stale(const struct hold *hold)
{
	return hold->ttl_ms && when_ms() - hold->since_ms >= hold->ttl_ms;
}

/* Whether it still has the hold: the mount is asked, and after that the clock, so who is stopped just
 * then notices. 0, ESTALE, or another errno. */
static int hold_sure(struct hold *hold)
{
	int err = hold_confirm_if_due(hold);

	if (err == 0)
		err = hold_glance(hold); /* somebody may have broken it */
	return err == 0 && hold_stale(hold) ? ESTALE : err;
}

/* Rests, in pieces that let it renew the hold in time. Returns 0, ESTALE, or another errno. */
static int hold_rest(struct worker *worker, struct hold *hold, int64_t ms)
{
	int64_t most = careful(worker) && hold->ttl_ms >= 6 ? hold->ttl_ms / 6 : ms;
	int err;

	do {
		int64_t piece = ms < most ? ms : most;

		worker_rest(worker, piece, piece);
		ms -= piece;
		err = careful(worker) ? hold_sure(hold) : 0;
	} while (ms > 0 && err == 0 && !wake_stopping());
	return err;
}

static int painting_before(void *context, uint64_t chunk)
{
	struct painting *painting = context;
	struct worker *worker = painting->worker;
	int64_t ms = chunk > 0 ? worker->mosaic->chunk_delay_ms : 0;
	int err;

	if (chunk == painting->nap)
		ms += 2 * worker->mosaic->ttl_ms;
	err = hold_rest(worker, painting->hold, ms);
	return err ? err : fence_enter(worker->fence, worker->hold.token);
}

static void painting_after(void *context)
{
	struct painting *painting = context;

	fence_leave(painting->worker->fence);
}

int tile_paint(struct worker *worker, struct hold *hold, uint64_t i, bool nap)
{
	const struct mosaic *mosaic = worker->mosaic;
	struct painting painting = {worker, hold, nap ? picture_chunks(mosaic) / 2 : UINT64_MAX};
	const struct brush brush = {painting_before, painting_after, &painting};
	uint8_t rgb[3];

	colour_of(rgb, i, mosaic->seed);
	return picture_paint(mosaic, worker->picture, i, rgb, &brush);
}

/* Whether it still has every hold that it had. The mount is asked, and after that the clock: so
 * who is stopped just then notices, and next to nothing is left between here and the append. Only a
 * fencing token that is checked leaves nothing. As hold_confirm(). */
static int holds_confirm(struct worker *worker)
{
	int err = 0;

	if (!careful(worker))
		return 0;
	if (worker->tile.fd >= 0)
		err = hold_confirm(&worker->tile);
	if (err == 0)
		err = hold_confirm(&worker->hold);
	if (err == 0 && (hold_stale(&worker->tile) || hold_stale(&worker->hold)))
		err = ESTALE;
	return err;
}

int tile_commit(struct worker *worker, const struct ledger_end *end, uint64_t i)
{
	const struct mosaic *mosaic = worker->mosaic;
	struct ledger_entry entry = {.i = i,
		.x = mosaic->places[i] % mosaic->gx,
		.y = mosaic->places[i] / mosaic->gx,
		.owner = worker->owner,
		.pid = getpid(),
		.token = worker->hold.token};
	struct ledger_line line;
	int err;

	colour_of(entry.rgb, i, mosaic->seed);
	err = ledger_compose(&line, end, &entry);
	if (err == 0)
		err = holds_confirm(worker);
	if (err == 0)
		err = fence_enter(worker->fence, worker->hold.token);
	if (err)
		return err;
	err = ledger_append(worker->ledger, end, &line);
	fence_leave(worker->fence);
	return err;
}
