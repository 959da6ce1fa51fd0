/* The last line that is in the log, for the next server: what it then finds there must lead up to it. There are
 * two, so that one is whole whenever we die. */
#ifndef FS_SEEN_H
#define FS_SEEN_H

#include <stdatomic.h>
#include <stdbool.h>

#include "core/chain.h"

struct seen {
	struct chain_head heads[2];
	unsigned current;
	uint64_t end; /* of the log, with that line */
	bool syncing; /* a sync was begun, and it is not known that it ended */
};

static inline void seen_set(struct seen *seen, const struct chain_head *head, uint64_t end)
{
	const unsigned next = !seen->current;

	seen->heads[next] = *head;
	atomic_signal_fence(memory_order_seq_cst);
	seen->current = next;
	seen->end = end;
}

static inline struct chain_head seen_get(const struct seen *seen)
{
	return seen->heads[seen->current != 0];
}

#endif
