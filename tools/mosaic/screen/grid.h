/* The picture on the screen. */
#ifndef MOSAIC_SCREEN_GRID_H
#define MOSAIC_SCREEN_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

struct layout;
struct tiles;

/* What a cell of the terminal is to show. */
struct cell {
	wchar_t c;
	bool fore_set, back_set, loud;
	uint8_t fore[3], back[3]; /* if set */
};

/* A cell of the picture: with colours, else as `#` (painted), `+` (some of it), `.` (not yet), `x`
 * (out of the chain). A cross is what was painted twice. */
struct cell cell_find(const struct tiles *tiles, const struct layout *layout, bool coloured,
	uint64_t x, uint64_t y);

struct grid {
	struct cell *shown; /* owned */
	uint64_t version;   /* of the tiles */
};

/* Forgets what is shown: all of it is put anew. */
void grid_forget(struct grid *grid);

/* Puts the cells that changed. */
void grid_draw(struct grid *grid, const struct tiles *tiles, const struct layout *layout);

/* Draws the frame around it, with a word in it, in that tint (see paint.h); `sampled`: it is around
 * the picture's own pixels. */
void frame_draw(const struct layout *layout, int tint, const char *word, bool sampled);

#endif
