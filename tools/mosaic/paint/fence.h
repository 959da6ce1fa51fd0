/* The fence, mosaic.fence: what a fencing token is for. The mosaic's files remember the highest
 * token that they have seen, and refuse whoever comes with an older one: a worker that has lost its
 * hold without noticing, since it was asleep, can do no more harm once the next has begun. */
#ifndef MOSAIC_PAINT_FENCE_H
#define MOSAIC_PAINT_FENCE_H

#include <stdint.h>

#define FENCE_REFUSED EKEYREJECTED /* no other call that a worker makes fails so */

/* Lets in, alone, whoever has the highest token so far, and remembers it. Until fence_leave(); so
 * nothing is to be waited for in between. An `fd` of -1 is no fence. Returns 0, FENCE_REFUSED, or
 * an errno: then there is nothing to leave. */
int fence_enter(int fd, uint64_t token);
void fence_leave(int fd);

#endif
