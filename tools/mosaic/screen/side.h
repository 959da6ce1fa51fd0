/* The figures beside or below the picture. */
#ifndef MOSAIC_SCREEN_SIDE_H
#define MOSAIC_SCREEN_SIDE_H

#include <stdint.h>

#include "when.h"

struct board;
struct box;
struct link_news;
struct mosaic;
struct sight;
struct reports;

/* Where the figures come from, and those that are worked out only now and then, lest they dance. */
struct side {
	const struct mosaic *mosaic;
	const struct board *board;
	const struct reports *reports;
	const struct sight *sight;
	const struct link_news *news;
	int64_t counted_ms; /* when these were: */
	int64_t eta_ms;
	double rate, rate_long;        /* tiles a second, over 1 s and 10 s */
	uint64_t wait_half, wait_most; /* microseconds: p50, p95 */
};

/* Works out the figures, four times a second. */
void side_count(struct side *side);

/* Draws as many of them as there is room for, the important ones first. */
void side_draw(const struct side *side, const struct box *box);

/* "FROZEN 8.2 s", the word for what stops or spoils the painting; "" if nothing does. Returns its
 * tint (see paint.h). */
#define SIDE_WORD 48
int side_word(const struct side *side, char out[SIDE_WORD]);

/* A time that runs down, to the tenth of a second while it is short: "8.2 s", "3 min 20 s". */
void side_spell(char out[WHEN_TEXT], int64_t ms);

#endif
