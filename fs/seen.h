/* The last line that is in the log, for the next server: what it then finds there must lead up to it. There are
 * two, so that one is whole whenever we die. */
#ifndef FS_SEEN_H
#define FS_SEEN_H

#include <stdbool.h>

#include "core/chain.h"
#include "order.h"

struct seen {
	struct {
		struct chain_head head;
		uint64_t end; /* of the log, with that line */
	} lines[2];
	unsigned current;
	bool syncing; /* a sync was begun, and it is not known that it ended */
};

static inline void seen_set(struct seen *seen, const struct chain_head *head, uint64_t end)
{
	const unsigned next = !seen->current;

	seen->lines[next].head = *head;
	seen->lines[next].end = end;
	in_this_order();
	seen->current = next;
}

static inline struct chain_head seen_head(const struct seen *seen)
{
	return seen->lines[seen->current != 0].head;
}

static inline uint64_t seen_end(const struct seen *seen)
{
	return seen->lines[seen->current != 0].end;
}

#endif
