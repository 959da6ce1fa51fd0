/* Killing whoever holds the lock: found through its status, stopped first, so that it dies with the
 * lock in its hands, and not a moment after. */
#ifndef MOSAIC_VICTIM_H
#define MOSAIC_VICTIM_H

#include <sys/types.h>

struct mosaic;
struct crew;

/* Kills the holder if it is one of the crew; of a mosaic in two phases, somebody who has claimed a
 * tile. Returns its pid; 0 if none could be caught just now: try again; -1 if the holder is none of
 * the workers. */
pid_t victim_kill(const struct mosaic *mosaic, const struct crew *crew);

#endif
