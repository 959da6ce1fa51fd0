/* Stores to what outlives this server: see carry.h. */
#ifndef FS_ORDER_H
#define FS_ORDER_H

#include <stdatomic.h>

/* What stands before this is written before what stands after it, also to the eye of who finds it when we
 * died in between: the processor keeps the order, and the compiler has to. */
static inline void in_this_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

#endif
