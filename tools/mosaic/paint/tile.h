/* A tile in a worker's hands: painted, then entered in the ledger. */
#ifndef MOSAIC_PAINT_TILE_H
#define MOSAIC_PAINT_TILE_H

#include <stdbool.h>
#include <stdint.h>

struct hold;
struct ledger_end;
struct worker;

/* Paints tile `i` a chunk at a time, renewing `hold` at a third of its TTL. With `nap` it is as if
 * the process slept in the middle, for twice the TTL. Returns 0, ESTALE once the hold is lost,
 * FENCE_REFUSED, or an errno. */
int tile_paint(struct worker *worker, struct hold *hold, uint64_t i, bool nap);

/* Enters tile `i` behind the ledger's `end`, under the worker's hold. Last thing before, it makes
 * sure that it still has what it holds. Returns as above. */
int tile_commit(struct worker *worker, const struct ledger_end *end, uint64_t i);

#endif
