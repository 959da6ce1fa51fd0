/* The order in which the tiles are painted: which place of the grid an index has. */
#ifndef MOSAIC_ORDER_H
#define MOSAIC_ORDER_H

#include <stdint.h>

enum order {
	ORDER_SCANLINE, /* line by line, as one reads */
	ORDER_HILBERT,  /* along a Hilbert curve, generalised to any rectangle */
	ORDER_SPIRAL,   /* from the middle outwards */
	ORDERS
};

/* The word for an order, and the order for a word; ORDERS if it is none. */
const char *order_word(enum order order);
enum order order_parse(const char *word);

/* For every index of a grid of `gx` by `gy` its place, y * gx + x: each place once. To be freed;
 * NULL if there is no memory. */
uint32_t *order_lay(enum order order, uint64_t gx, uint64_t gy);

#endif
