/* How far the mosaic is: the tiles that are in the ledger, what is wrong with them, and how fast
 * they come. */
#ifndef MOSAIC_BOARD_H
#define MOSAIC_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "lines.h"

struct mosaic;

#define BOARD_SLOTS 100 /* of a tenth of a second each: ten seconds */

enum paint {
	PAINT_NONE,
	PAINT_DONE,
	PAINT_UNCHAINED, /* by a line that breaks the chain */
	PAINT_TWICE,
};

struct board_tile {
	uint8_t rgb[3];
	uint8_t paint; /* an enum paint */
};

struct board {
	uint64_t gx, gy, total;
	const uint32_t *places;   /* by index: y * gx + x */
	struct board_tile *tiles; /* by place; owned */
	uint64_t done;            /* tiles painted at least once */
	uint64_t lines_read;
	uint64_t repeated;   /* lines of tiles that were there already */
	uint64_t unchained;  /* lines that break the chain */
	uint64_t unreadable; /* lines that are none of a ledger */
	uint64_t first;      /* the smallest index of those; UINT64_MAX: none */
	char h[CHAIN_HASH];  /* of the last line */
	int fd;              /* owned */
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

/* Whether any line so far is one that a working lock does not let happen. */
bool board_damaged(const struct board *board);

/* Tiles a second over the last `seconds` (1 to 10), or since the start if that is less. */
double board_rate(const struct board *board, int seconds);

/* Milliseconds until the rest is done at the present rate; -1 if nobody can tell. */
int64_t board_eta_ms(const struct board *board);

/* Per cent done, rounded down. */
unsigned board_percent(const struct board *board);

#endif
