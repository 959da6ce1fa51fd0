/* The picture as a file, mosaic.ppm: tiles painted a chunk at a time. */
#ifndef MOSAIC_PAINT_PICTURE_H
#define MOSAIC_PAINT_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

struct mosaic;

#define GRID_MAX 1024 /* tiles across or down */
#define TILE_MAX 256  /* pixels along the edge of a tile */

/* Makes a black picture of the mosaic's size. Returns 0, or -1 with errno. */
int picture_create(const struct mosaic *mosaic);

/* What is done around the painting of every chunk. */
struct brush {
	int (*before)(void *context, uint64_t chunk); /* other than 0: no further */
	void (*after)(void *context);
	void *context;
};

/* The number of chunks that a tile is painted in. */
uint64_t picture_chunks(const struct mosaic *mosaic);

/* Paints tile `i`: clears it, then lays its colour on in chunks, each ADDED to what is there. So
 * two painters on one tile, or one that goes on where it should not, leave a tile that is torn,
 * where plain copies would hide it. Clearing goes with the first chunk. Returns 0, an errno, or
 * what brush->before() returned other than 0. */
int picture_paint(const struct mosaic *mosaic, int fd, uint64_t i, const uint8_t rgb[3],
	const struct brush *brush);

#endif
