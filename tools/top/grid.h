/* Columns of a table in whatever width there is: the least important go first. */
#ifndef TOOLS_TOP_GRID_H
#define TOOLS_TOP_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRID_COLUMNS 10
#define GRID_CELL 260 /* room for the text of a cell */

struct column {
	const char *head;
	size_t least; /* its width when there is little */
	bool grows;   /* up to what its texts want */
	bool right;   /* aligned to the right */
	int rank;     /* the highest goes first when there is too little room; 0 stays */
};

struct cells {
	char text[GRID_COLUMNS][GRID_CELL];
};

struct grid {
	const struct column *columns;
	size_t count;
	size_t want
		[GRID_COLUMNS]; /* only grows, lest the columns dance, while the room is the same */
	size_t width[GRID_COLUMNS]; /* 0: not shown */
	size_t room, gap;
};

/* Lays it out anew within `room` columns: first this, then grid_want() for each row, what its
 * growing columns would like, then grid_fit(). */
void grid_begin(struct grid *grid, size_t room);
void grid_want(struct grid *grid, const struct cells *cells);
void grid_fit(struct grid *grid);

/* Milliseconds in six columns: "120ms", "4.2s", "41s", "3m20s", "1h30m", "2d4h"; "-" below 0. */
#define GRID_TIME 16
void grid_time(char *out, size_t room, int64_t ms);

#endif
