/* A whole performance: a lock service, a mosaic, a verdict; one scenario, or all. */
#ifndef MOSAIC_PLAY_H
#define MOSAIC_PLAY_H

#include <stdbool.h>

struct mosaic;
struct plan;

/* Where the lock service is to be. */
struct stage {
	const char *mount; /* --mount; NULL: not said */
	bool private;      /* one of our own, whatever there is */
};

/* Plays what the plan says with the mosaic, whose places and mount are found here. Returns the exit
 * code of the command. */
int play(struct mosaic *mosaic, struct plan *plan, const struct stage *stage);

#endif
