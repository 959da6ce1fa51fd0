/* The picture as a file, mosaic.ppm: tiles painted a chunk at a time. */
#ifndef MOSAIC_PICTURE_H
#define MOSAIC_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

struct mosaic;

#define GRID_MAX 1024 /* tiles across or down */
#define TILE_MAX 256  /* pixels along the edge of a tile */

/* Makes a black picture of the mosaic's size. Returns 0, or -1 with errno. */
int picture_create(const struct mosaic *mosaic);

/* Paints tile `i`: clears it, then lays its colour on in chunks, each ADDED to what is there, with
 * a call of `step` before each (and before the clearing: then `first`). So two painters on one
 * tile, or one that goes on where it should not, leave a tile that is torn, where plain copies
 * would hide it. Returns 0, an errno, or the first value other than 0 from `step`. */
int picture_paint(const struct mosaic *mosaic, int fd, uint64_t i, const uint8_t rgb[3],
	int (*step)(void *context, bool first), void *context);

/* The first tile that is not all of its colour; the number of tiles if there is none; UINT64_MAX
 * if the file cannot be read or is no such picture. `torn` gets how many there are. */
uint64_t picture_check(const struct mosaic *mosaic, int fd, uint64_t *torn);

#endif
