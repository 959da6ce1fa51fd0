/* Requests in their right shape, whatever they say: made from a few bytes of the input each. */
#ifndef FUZZ_SHAPE_H
#define FUZZ_SHAPE_H

#include "fuzz.h"
#include "kernel.h"

/* Whether there is a shape of this number. */
bool is_shape(unsigned number);

/* Sends a request of that shape; only a `rude` one names files that are not open. NULL: nothing is sent. */
struct asked *shape_ask(struct kernel *kernel, struct input *input, unsigned number, bool rude);

/* An inode: a fixed one, one that the daemon has named, or any number. */
uint64_t node_pick(struct kernel *kernel, struct input *input);

#endif
