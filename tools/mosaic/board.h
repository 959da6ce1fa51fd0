/* How far the mosaic is: the tiles that are in the ledger, and how fast they come. */
#ifndef MOSAIC_BOARD_H
#define MOSAIC_BOARD_H

#include <stdint.h>

#include "lines.h"

struct mosaic;

#define BOARD_SLOTS 100 /* of a tenth of a second each: ten seconds */

struct board {
	uint64_t gx, gy, total;
	const uint32_t *places; /* by index: y * gx + x */
	uint8_t (*tiles)[4]; /* by place: red, green, blue, and how often it was painted; owned */
	uint64_t done;       /* tiles painted at least once */
	uint64_t lines_read, repeated, unreadable;
	int fd; /* owned */
	struct lines lines;
	int64_t start_ms;
	int64_t slot;                /* the tenth of a second since the start that it is now */
	uint32_t slots[BOARD_SLOTS]; /* a ring: tiles by the tenth they came in */
};

/* An empty board that follows the ledger in the mosaic's directory. Returns 0 or an errno. */
int board_open(struct board *board, const struct mosaic *mosaic);
void board_close(struct board *board);

/* Takes in the lines that are complete by now. */
void board_pull(struct board *board);

/* Tiles a second over the last `seconds` (1 to 10), or since the start if that is less. */
double board_rate(const struct board *board, int seconds);

/* Milliseconds until the rest is done at the present rate; -1 if nobody can tell. */
int64_t board_eta_ms(const struct board *board);

/* Per cent done, rounded down. */
unsigned board_percent(const struct board *board);

#endif
