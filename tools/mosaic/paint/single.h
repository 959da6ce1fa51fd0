/* The protocol in one phase: everything that a tile needs, under one hold. */
#ifndef MOSAIC_PAINT_SINGLE_H
#define MOSAIC_PAINT_SINGLE_H

#include <stdbool.h>

struct worker;

/* Takes the lock, paints the next tile and enters it. `*complete`: there was none left. Returns 0,
 * or what kept it from it: EINTR (it is to stop), ESTALE (the hold was lost), FENCE_REFUSED (the
 * files had seen a newer token), or an errno that it cannot go on from. */
int single_turn(struct worker *worker, bool *complete);

#endif
