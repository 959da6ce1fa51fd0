/* The coordinator: sets the workers going, shows how it goes, and ends with the proof. */
#ifndef MOSAIC_RUN_H
#define MOSAIC_RUN_H

#include <stdbool.h>

struct mosaic;
struct plan;

struct private;

/* Paints the mosaic, whose files were made, as the plan says, and verifies it. Returns the exit
 * code: 0 verified, 1 not, 128+n stopped by signal n (130 also for the key q). `*seen`: whether all
 * that the plan wanted to be seen was. `private` is the lock service of its own, or NULL. No worker is left when it returns. */
int run_mosaic(
	const struct mosaic *mosaic, const struct plan *plan, struct private *private, bool *seen);

#endif
