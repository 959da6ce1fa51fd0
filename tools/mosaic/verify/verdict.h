/* What came of verifying a mosaic: which invariants are broken, and where first. */
#ifndef MOSAIC_VERIFY_VERDICT_H
#define MOSAIC_VERIFY_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"

/* What has to hold, in the order in which it is reported. */
enum invariant {
	INVARIANT_PARSE,   /* every line is written as a line of a ledger is, to the byte */
	INVARIANT_COUNT,   /* there are as many lines as tiles */
	INVARIANT_ONCE,    /* no tile is there twice */
	INVARIANT_GAPS,    /* no tile is missing */
	INVARIANT_ORDER,   /* the indices strictly increase; not with two_phase */
	INVARIANT_CHAIN,   /* every h is right, and every prev is the h before */
	INVARIANT_TILE,    /* place and colour are those of the index */
	INVARIANT_TOKEN,   /* every token is higher than all before; with nolock there are none */
	INVARIANT_NEXT,    /* mosaic.next is at the end */
	INVARIANT_PICTURE, /* mosaic.ppm is the whole picture and nothing else */
	INVARIANTS
};

#define VERDICT_NO_TILE UINT64_MAX

struct fault {
	uint64_t count;  /* how often the invariant is broken; 0: it holds */
	char first[120]; /* where first, in words */
};

struct verdict {
	uint64_t total; /* tiles that there should be */
	bool ordered;   /* they should be in the order of their indices */
	/* The first offending tile: the smallest of the indices that what is broken is about. That
	 * is the index in the line that is wrong, the index that is missing, the tile of the picture
	 * that is not whole, the number in mosaic.next. What is about no tile (a line that cannot
	 * be read: its tile is missing, or the next line does not follow it) does not count. If
	 * there is nothing else, it is VERDICT_NO_TILE: all tiles are right, but there is more. */
	uint64_t tile;
	char h[CHAIN_HASH]; /* of the last line */
	struct fault faults[INVARIANTS];
};

/* Notes that an invariant is broken, by something about `tile` or about VERDICT_NO_TILE. The words
 * are kept if it is the first time. */
void verdict_break(struct verdict *verdict, enum invariant invariant, uint64_t tile,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* How many invariants are broken. */
unsigned verdict_broken(const struct verdict *verdict);

/* Prints VERIFIED, or FAILED (so that nobody overlooks it, on a terminal), the first offending
 * tile, and every broken invariant. */
void verdict_print(const struct verdict *verdict);

#endif
