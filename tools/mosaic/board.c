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
	*board = (struct board){.gx = mosaic->gx, .gy = mosaic->gy, .places = mosaic->places};
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

/* Takes in one line: what it needs of it, without judging the rest. */
static void board_line(struct board *board, const char *line)
{
	const char *rgb = strstr(line, "\"rgb\":[");
	unsigned red, green, blue;
	uint64_t i;

	board->lines_read++;
	if (!json_u64(line, "i", &i) || i >= board->total || !rgb ||
		sscanf(rgb + 7, "%3u,%3u,%3u]", &red, &green, &blue) != 3) {
		board->unreadable++;
		return;
	}

	uint8_t *tile = board->tiles[board->places[i]];

	tile[0] = (uint8_t)red;
	tile[1] = (uint8_t)green;
	tile[2] = (uint8_t)blue;
	if (tile[3])
		board->repeated++;
	else
		board->done++;
	if (tile[3] < UINT8_MAX)
		tile[3]++;
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
		board_line(board, line);
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
