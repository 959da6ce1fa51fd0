/* See board.h. */
#include "mosaic/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/mosaic.h"
#include "when.h"

#define SLOT_MS 100

int board_open(struct board *board, const struct mosaic *mosaic)
{
	*board = (struct board){.gx = mosaic->gx,
		.gy = mosaic->gy,
		.places = mosaic->places,
		.first = UINT64_MAX,
		.h = CHAIN_FIRST};
	board->total = mosaic_total(mosaic);
	board->start_ms = when_ms();
	board->tiles = calloc(board->total, sizeof(board->tiles[0]));
	board->fd = mosaic_open(mosaic->dir, MOSAIC_LEDGER, O_RDONLY);
	lines_init(&board->lines, board->fd);
	if (board->tiles && board->fd >= 0)
		return 0;
	return board->tiles ? errno : ENOMEM;
}

void board_close(struct board *board)
{
	lines_finish(&board->lines);
	free(board->tiles);
	board->tiles = NULL;
	if (board->fd >= 0)
		close(board->fd);
	board->fd = -1;
}

/* Counts a fault of the line about tile `i`; of one that cannot be read, the tile it stands for. */
static void board_fault(struct board *board, uint64_t *count, uint64_t i)
{
	(*count)++;
	if (i < board->first)
		board->first = i;
}

/* Whether a line goes on where the last one ended. */
static bool board_chained(struct board *board, const char *line, size_t len)
{
	char prev[CHAIN_HASH], h[CHAIN_HASH];
	bool good = chain_check(line, len, prev, h) && strcmp(prev, board->h) == 0;

	memcpy(board->h, h, sizeof(h));
	return good;
}

/* Takes in one line: what it needs of it, without judging the rest. */
static void board_line(struct board *board, const char *line, size_t len)
{
	bool chained = board_chained(board, line, len);
	const char *rgb = strstr(line, "\"rgb\":[");
	struct board_tile *tile;
	uint64_t i;

	board->lines_read++;
	if (!json_u64(line, "i", &i) || i >= board->total || !rgb) {
		board_fault(board, &board->unreadable, board->lines_read - 1);
		return;
	}
	tile = &board->tiles[board->places[i]];
	if (sscanf(rgb + 7, "%3hhu,%3hhu,%3hhu]", &tile->rgb[0], &tile->rgb[1], &tile->rgb[2]) != 3)
		board_fault(board, &board->unreadable, i);
	if (!chained)
		board_fault(board, &board->unchained, i);
	if (tile->paint)
		board_fault(board, &board->repeated, i);
	else
		board->done++;
	tile->paint = tile->paint ? PAINT_TWICE : chained ? PAINT_DONE : PAINT_UNCHAINED;
	board->slots[board->slot % BOARD_SLOTS]++;
}

void board_pull(struct board *board)
{
	int64_t slot = (when_ms() - board->start_ms) / SLOT_MS;
	char *line;
	size_t len;

	if (slot - board->slot > BOARD_SLOTS)
		board->slot = slot - BOARD_SLOTS;
	while (board->slot < slot)
		board->slots[++board->slot % BOARD_SLOTS] = 0;
	while (lines_next(&board->lines, &line, &len) > 0)
		board_line(board, line, len);
}

bool board_damaged(const struct board *board)
{
	return board->first != UINT64_MAX;
}

double board_rate(const struct board *board, int seconds)
{
	int64_t most = (int64_t)seconds * 1000 / SLOT_MS;
	int64_t whole = board->slot < most ? board->slot : most - 1; /* slots before this one */
	double ms = (double)((when_ms() - board->start_ms) - (board->slot - whole) * SLOT_MS);
	uint64_t tiles = 0;

	for (int64_t back = 0; back <= whole; back++)
		tiles += board->slots[(board->slot - back) % BOARD_SLOTS];
	return ms < 1 ? 0 : (double)tiles * 1000 / ms;
}

int64_t board_eta_ms(const struct board *board)
{
	double rate = board_rate(board, 10);

	return rate > 0 ? (int64_t)((double)(board->total - board->done) * 1000 / rate) : -1;
}

unsigned board_percent(const struct board *board)
{
	return (unsigned)(board->done * 100 / board->total);
}
