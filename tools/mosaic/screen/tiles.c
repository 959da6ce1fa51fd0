/* See tiles.h. */
#include "mosaic/screen/tiles.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mosaic/board.h"
#include "mosaic/mosaic.h"
#include "mosaic/paint/claims.h"
#include "mosaic/screen/layout.h"
#include "when.h"

#define READ_MS 50      /* between two looks at the files */
#define LARGE (1 << 16) /* tiles: from there on it takes time */
#define READ_LARGE_MS 500

#define DIM 3 /* so much darker is a tile whose line is out of the chain */

/* Tiles that are not painted yet: nobody has them, or somebody has; warm and cold. */
static const uint8_t bare[2][2][3] = {
	{{38, 38, 38}, {92, 92, 92}},
	{{28, 46, 66}, {64, 88, 112}},
};

void tiles_open(struct tiles *tiles, const struct mosaic *mosaic, const struct board *board)
{
	*tiles = (struct tiles){.mosaic = mosaic, .board = board, .picture = -1, .claims = -1};
	if (mosaic->two_phase)
		tiles->claims = mosaic_open(mosaic->dir, MOSAIC_CLAIMS, O_RDONLY);
	if (tiles->claims >= 0) {
		tiles->claimed = calloc(board->total, 1);
		tiles->marks = calloc(board->total, 1);
	}
	tiles->version = 1;
	tiles_sample(tiles, mosaic->sample);
}

static void picture_close(struct tiles *tiles)
{
	free(tiles->pixels);
	free(tiles->row);
	tiles->pixels = NULL;
	tiles->row = NULL;
	if (tiles->picture >= 0)
		close(tiles->picture);
	tiles->picture = -1;
}

void tiles_close(struct tiles *tiles)
{
	picture_close(tiles);
	free(tiles->claimed);
	free(tiles->marks);
	tiles->claimed = tiles->marks = NULL;
	if (tiles->claims >= 0)
		close(tiles->claims);
	tiles->claims = -1;
}

void tiles_sample(struct tiles *tiles, bool sampled)
{
	const struct mosaic *mosaic = tiles->mosaic;

	picture_close(tiles);
	tiles->version++;
	tiles->read_ms = 0;
	if (!sampled)
		return;
	tiles->picture = mosaic_open(mosaic->dir, MOSAIC_PICTURE, O_RDONLY);
	tiles->row = malloc(mosaic->gx * mosaic->tile * 3);
	tiles->pixels = calloc(tiles->board->total, sizeof(tiles->pixels[0]));
	if (tiles->picture < 0 || !tiles->row || !tiles->pixels)
		picture_close(tiles);
}

/* Reads one corner of each tile of a row of them. The pixels are the file's end, after a header. */
static void row_read(struct tiles *tiles, off_t pixels, uint64_t y, enum corner corner)
{
	uint64_t gx = tiles->mosaic->gx, tile = tiles->mosaic->tile, wide = gx * tile * 3;
	uint64_t line = y * tile + (corner == CORNER_LAST ? tile - 1 : 0);
	uint64_t column = corner == CORNER_LAST ? tile - 1 : 0;

	if (pread(tiles->picture, tiles->row, wide, pixels + (off_t)(line * wide)) != (ssize_t)wide)
		memset(tiles->row, 0, wide);
	for (uint64_t x = 0; x < gx; x++)
		memcpy(tiles->pixels[y * gx + x][corner], tiles->row + (x * tile + column) * 3, 3);
}

static void picture_read(struct tiles *tiles)
{
	const struct mosaic *mosaic = tiles->mosaic;
	off_t bytes = (off_t)(mosaic_total(mosaic) * mosaic->tile * mosaic->tile * 3);
	struct stat st;

	if (fstat(tiles->picture, &st) < 0 || st.st_size < bytes)
		return;
	for (uint64_t y = 0; y < mosaic->gy; y++) {
		row_read(tiles, st.st_size - bytes, y, CORNER_FIRST);
		row_read(tiles, st.st_size - bytes, y, CORNER_LAST);
	}
}

static void marks_read(struct tiles *tiles)
{
	const struct board *board = tiles->board;

	if (!tiles->claimed || !tiles->marks ||
		pread(tiles->claims, tiles->marks, board->total, 0) != (ssize_t)board->total)
		return;
	for (uint64_t i = 0; i < board->total; i++)
		tiles->claimed[board->places[i]] = tiles->marks[i];
}

void tiles_pull(struct tiles *tiles, bool frozen)
{
	const struct board *board = tiles->board;
	int64_t now = when_ms(), rest = board->total > LARGE ? READ_LARGE_MS : READ_MS;

	tiles->version += board->lines_read != tiles->lines || frozen != tiles->frozen;
	tiles->lines = board->lines_read;
	tiles->frozen = frozen;
	if ((!tiles->claimed && !tiles->pixels) || now - tiles->read_ms < rest)
		return;
	tiles->read_ms = now;
	tiles->version++;
	marks_read(tiles);
	if (tiles->pixels)
		picture_read(tiles);
}

/* ---- patches ---- */

/* The colour of one tile, as the sum of two. True: it is painted. */
static bool tile_colour(int sum[3], const struct tiles *tiles, uint64_t place, enum corner corner)
{
	const struct board_tile *tile = &tiles->board->tiles[place];
	const uint8_t *one = tile->rgb, *other = tile->rgb;
	bool painted = tile->paint != PAINT_NONE;
	int dim = 1;

	if (tiles->pixels) {
		one = tiles->pixels[place][corner == CORNER_LAST];
		other = tiles->pixels[place][corner != CORNER_FIRST];
		painted = one[0] | one[1] | one[2] | other[0] | other[1] | other[2];
	} else if (tile->paint == PAINT_UNCHAINED) {
		dim = DIM;
	}
	if (!painted)
		one = other =
			bare[tiles->frozen][tiles->claimed && tiles->claimed[place] == CLAIMS_HELD];
	for (int i = 0; i < 3; i++)
		sum[i] += (one[i] + other[i]) / dim;
	return painted;
}

bool patch_find(struct patch *patch, const struct tiles *tiles, const struct layout *layout,
	uint64_t x, uint64_t y, enum corner corner)
{
	uint64_t left = x * layout->gx / layout->across,
		 right = (x + 1) * layout->gx / layout->across;
	uint64_t top = y * layout->gy / layout->down, bottom = (y + 1) * layout->gy / layout->down;
	int sum[3] = {0}, count = 0;

	if (x >= layout->across || y >= layout->down)
		return false;
	*patch = (struct patch){.all = true};
	for (uint64_t ty = top; ty < bottom; ty++)
		for (uint64_t tx = left; tx < right; tx++) {
			uint64_t place = ty * layout->gx + tx;
			bool painted = tile_colour(sum, tiles, place, corner);

			patch->some |= painted;
			patch->all &= painted;
			if (!tiles->pixels && tiles->board->tiles[place].paint > patch->worst)
				patch->worst = tiles->board->tiles[place].paint;
			count += 2;
		}
	for (int i = 0; i < 3 && count; i++)
		patch->rgb[i] = (uint8_t)(sum[i] / count);
	return true;
}
