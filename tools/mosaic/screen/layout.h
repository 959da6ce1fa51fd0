/* Where everything stands on the screen: the picture, as large as may be, and its figures. */
#ifndef MOSAIC_SCREEN_LAYOUT_H
#define MOSAIC_SCREEN_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

struct box {
	int y, x, high, wide;
};

/* How a cell of the terminal, twice as high as it is wide, shows tiles. */
enum cells {
	CELLS_TWO,  /* two cells are a tile */
	CELLS_ONE,  /* a cell is a tile, or stands for several */
	CELLS_HALF, /* the upper half of a cell is one, the lower half another: U+2580 */
};

struct layout {
	enum cells cells;
	uint64_t gx, gy; /* tiles */
	uint64_t across,
		down; /* what those are shown as: as many, or fewer that stand for several */
	struct box picture;
	bool framed; /* there is room for a frame around the picture */
	struct box side;
	struct box keys; /* the last line; none (high 0) where there is no room */
};

/* Lays out a screen of that size. `halves`: cells can be divided. */
void layout_find(
	struct layout *layout, uint64_t gx, uint64_t gy, int columns, int rows, bool halves);

/* The picture alone, within that many columns, however high. */
void layout_picture(struct layout *layout, uint64_t gx, uint64_t gy, int columns, bool halves);

#endif
