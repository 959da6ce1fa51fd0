/* A run in a few lines, once it is over. */
#ifndef MOSAIC_SUMMARY_H
#define MOSAIC_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct crew;
struct link_word;
struct mosaic;
struct reports;

struct summary {
	const struct mosaic *mosaic;
	const struct board *board;
	const struct reports *reports;
	const struct crew *crew;
	const struct link_word *word; /* the last of the renderer */
	int64_t took_ms;
	bool stopped; /* before it was done */
};

void summary_print(const struct summary *summary);

#endif
