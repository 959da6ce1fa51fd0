/* See order.h. */
#include "mosaic/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[ORDERS] = {"scanline", "hilbert", "spiral"};

const char *order_word(enum order order)
{
	return words[order];
}

enum order order_parse(const char *word)
{
	int order = 0;

	while (order < ORDERS && strcmp(words[order], word) != 0)
		order++;
	return (enum order)order;
}

/* A pen that goes over the grid and numbers the places as it comes to them. */
struct pen {
	uint32_t *places;
	int64_t gx, gy, count;
};

static void pen_put(struct pen *pen, int64_t x, int64_t y)
{
	pen->places[pen->count++] = (uint32_t)(y * pen->gx + x);
}

static void scanline_lay(struct pen *pen)
{
	for (int64_t y = 0; y < pen->gy; y++)
		for (int64_t x = 0; x < pen->gx; x++)
			pen_put(pen, x, y);
}

/* A way across the grid: a number of steps in one of the four directions. */
struct way {
	int64_t x, y;
};

static int64_t way_length(struct way way)
{
	return llabs(way.x + way.y); /* one of them is 0 */
}

static struct way way_step(struct way way)
{
	return (struct way){(way.x > 0) - (way.x < 0), (way.y > 0) - (way.y < 0)};
}

static struct way way_half(struct way way)
{
	return (struct way){way.x / 2, way.y / 2};
}

/* Half of the way, but an even number of steps if there are more than two: so the parts of the
 * curve meet without a diagonal step where that can be. */
static struct way way_even_half(struct way way)
{
	struct way half = way_half(way), step = way_step(way);

	if (way_length(half) % 2 && way_length(way) > 2)
		half = (struct way){half.x + step.x, half.y + step.y};
	return half;
}

static struct way way_add(struct way a, struct way b)
{
	return (struct way){a.x + b.x, a.y + b.y};
}

static struct way way_back(struct way way)
{
	return (struct way){-way.x, -way.y};
}

static struct way way_less(struct way a, struct way b)
{
	return (struct way){a.x - b.x, a.y - b.y};
}

/* Fills the rectangle that begins at `at` and goes `far` one way and `wide` the other, and ends at
 * the far end of its near edge: a long one in two halves, another as Hilbert did, along its width,
 * back along its length, and its width again. For any rectangle: Jakub Cerveny, Generalized Hilbert
 * space-filling curve for rectangular domains. */
static void hilbert_lay(struct pen *pen, struct way at, struct way far, struct way wide)
{
	int64_t length = way_length(far), width = way_length(wide);
	struct way along = way_step(far), across = way_step(wide), half;

	if (width == 1 || length == 1) {
		for (int64_t i = 0; i < length * width; i++) {
			pen_put(pen, at.x, at.y);
			at = way_add(at, width == 1 ? along : across);
		}
	} else if (2 * length > 3 * width) {
		half = way_even_half(far);
		hilbert_lay(pen, at, half, wide);
		hilbert_lay(pen, way_add(at, half), way_less(far, half), wide);
	} else {
		struct way end = way_add(at, way_less(far, along));

		half = way_even_half(wide);
		hilbert_lay(pen, at, half, way_half(far));
		hilbert_lay(pen, way_add(at, half), far, way_less(wide, half));
		hilbert_lay(pen, way_add(end, way_less(half, across)), way_back(half),
			way_back(way_less(far, way_half(far))));
	}
}

/* Round the grid from outside in, then turned about. */
static void spiral_lay(struct pen *pen)
{
	int64_t left = 0, right = pen->gx - 1, top = 0, bottom = pen->gy - 1;

	while (left <= right && top <= bottom) {
		for (int64_t x = left; x <= right; x++)
			pen_put(pen, x, top);
		for (int64_t y = top + 1; y <= bottom; y++)
			pen_put(pen, right, y);
		for (int64_t x = right - 1; x >= left && top < bottom; x--)
			pen_put(pen, x, bottom);
		for (int64_t y = bottom - 1; y > top && left < right; y--)
			pen_put(pen, left, y);
		left++, right--, top++, bottom--;
	}
	for (int64_t i = 0, j = pen->count - 1; i < j; i++, j--) {
		uint32_t place = pen->places[i];

		pen->places[i] = pen->places[j];
		pen->places[j] = place;
	}
}

uint32_t *order_lay(enum order order, uint64_t gx, uint64_t gy)
{
	struct pen pen = {
		.places = calloc(gx * gy, sizeof(uint32_t)), .gx = (int64_t)gx, .gy = (int64_t)gy};
	struct way right = {pen.gx, 0}, down = {0, pen.gy};

	if (!pen.places)
		return NULL;
	switch (order) {
	case ORDER_HILBERT:
		if (gx >= gy)
			hilbert_lay(&pen, (struct way){0, 0}, right, down);
		else
			hilbert_lay(&pen, (struct way){0, 0}, down, right);
		break;
	case ORDER_SPIRAL: spiral_lay(&pen); break;
	default: scanline_lay(&pen);
	}
	return pen.places;
}
