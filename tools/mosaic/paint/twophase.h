/* The protocol in two phases: tiles are claimed one by one, painted at the same time, and committed
 * one by one. */
#ifndef MOSAIC_PAINT_TWOPHASE_H
#define MOSAIC_PAINT_TWOPHASE_H

#include <stdbool.h>

struct worker;

/* Claims a tile, paints it and commits it; when all are claimed, waits for one to be done, or takes
 * over what a dead worker has left. `*complete`: all are committed. Returns as single_turn(). */
int twophase_turn(struct worker *worker, bool *complete);

#endif
