/* See view.h. */
#include "mosaic/view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/board.h"
#include "mosaic/crew.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen.h"
#include "mosaic/stats.h"
#include "mosaic/watch.h"
#include "when.h"

#define SIDE_WIDTH 48 /* columns of figures beside the picture */
#define SIDE_LINES 18
#define BAR 24
#define UNSET 38 /* the grey level of a tile that is not painted */

/* The figures, line by line. */
struct side {
	char lines[SIDE_LINES][160];
	size_t count;
};

/* How tiles become cells of the terminal. */
enum cells {
	CELLS_TWO,  /* a tile is two cells side by side: nearly square */
	CELLS_ONE,  /* a tile is one cell */
	CELLS_HALF, /* a cell is two tiles, one above the other: needs U+2580 */
};

static void side_add(struct side *side, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void side_add(struct side *side, const char *format, ...)
{
	va_list args;

	if (side->count == SIDE_LINES)
		return;
	va_start(args, format);
	vsnprintf(side->lines[side->count++], sizeof(side->lines[0]), format, args);
	va_end(args);
}

/* "12.3 ms" of microseconds. */
static void wait_spell(char out[WHEN_TEXT], uint64_t us)
{
	if (us < 10000)
		snprintf(out, WHEN_TEXT, "%" PRIu64 ".%" PRIu64 " ms", us / 1000, us % 1000 / 100);
	else
		when_spell(out, (int64_t)(us / 1000));
}

static void eta_spell(char out[WHEN_TEXT], const struct board *board)
{
	int64_t eta = board_eta_ms(board);

	if (board->done == board->total)
		snprintf(out, WHEN_TEXT, "done");
	else if (eta < 0)
		snprintf(out, WHEN_TEXT, "unknown");
	else
		when_spell(out, (eta + 999) / 1000 * 1000);
}

static void side_progress(struct side *side, const struct view *view)
{
	const struct board *board = view->board;
	char bar[BAR + 1], eta[WHEN_TEXT];
	size_t full = (size_t)(board->done * BAR / board->total);

	memset(bar, '#', full);
	memset(bar + full, '.', BAR - full);
	bar[BAR] = '\0';
	eta_spell(eta, board);
	side_add(side, "Tiles   %" PRIu64 "/%" PRIu64 " (%u %%)", board->done, board->total,
		board_percent(board));
	side_add(side, "[%s]  ETA %s", bar, eta);
	side_add(side, "Rate    %.1f/s now, %.1f/s over 10 s", board_rate(board, 1),
		board_rate(board, 10));
	if (board->repeated || board->unreadable)
		side_add(side, "BROKEN  %" PRIu64 " painted twice, %" PRIu64 " lines unreadable",
			board->repeated, board->unreadable);
}

static void side_lock(struct side *side, const struct view *view)
{
	const uint64_t *counts = view->stats->counts;
	char p50[WHEN_TEXT], p95[WHEN_TEXT], left[WHEN_TEXT];

	wait_spell(p50, stats_percentile(view->stats, 50));
	wait_spell(p95, stats_percentile(view->stats, 95));
	when_spell(left, view->watch->freeze_ms);
	side_add(side, "Wait    p50 %s, p95 %s", p50, p95);
	side_add(side, "        %" PRIu64 " timeouts, %" PRIu64 " lost, %" PRIu64 " recovered",
		counts[REPORT_TIMEOUT], counts[REPORT_LOST], counts[REPORT_RECOVERED]);
	side_add(side, "Workers %zu of %" PRIu64 ", %" PRIu64 " waiting", view->crew->alive,
		view->mosaic->workers, view->watch->waiting);
	side_add(side, "Lock    %s %s", view->mosaic->name,
		*view->watch->holder ? view->watch->holder : "free");
	if (*view->watch->freeze)
		side_add(side, "FROZEN (%s)", left);
	else
		side_add(side, "Frozen  no");
}

static void side_events(struct side *side, const struct view *view)
{
	side_add(side, "Events");
	for (size_t i = 0; i < WATCH_EVENTS; i++) {
		const struct happening *event = &view->watch->last[i];

		if (event->count > 1)
			side_add(side, "%s %s x%" PRIu64 ", %s", event->time, event->kind,
				event->count, event->text);
		else if (event->count)
			side_add(side, "%s %s, %s", event->time, event->kind, event->text);
		else
			side_add(side, "-");
	}
}

static void side_fill(struct side *side, const struct view *view)
{
	side->count = 0;
	side_progress(side, view);
	if (mosaic_locked(view->mosaic)) {
		side_lock(side, view);
		side_events(side, view);
	} else {
		side_add(side, "Workers %zu of %" PRIu64, view->crew->alive, view->mosaic->workers);
		side_add(side, "Lock    NONE (--mode nolock)");
	}
	if (view->stats->error)
		side_add(side, "Error   %s", strerror(view->stats->error));
	if (screen_has_keys())
		side_add(side, "%s",
			view->note ? view->note
				: mosaic_locked(view->mosaic)
				? "f freeze  u unfreeze  k kill holder  q quit"
				: "q quit");
}

/* Sets the colour of a tile for what is printed next, as background (48) or foreground (38). */
static void tile_colour(FILE *out, const struct board *board, uint64_t x, uint64_t y, int layer)
{
	const uint8_t *tile = y < board->gy ? board->tiles[y * board->gx + x] : NULL;

	if (!tile)
		fprintf(out, "\033[%d;2;0;0;0m", layer);
	else if (!tile[3])
		fprintf(out, "\033[%d;2;%d;%d;%dm", layer, UNSET, UNSET, UNSET);
	else
		fprintf(out, "\033[%d;2;%u;%u;%um", layer, tile[0], tile[1], tile[2]);
}

/* One row of cells of the picture, the first `width` tiles of it. */
static void row_draw(
	FILE *out, const struct board *board, enum cells cells, uint64_t row, uint64_t width)
{
	for (uint64_t x = 0; x < width; x++) {
		if (cells == CELLS_HALF) {
			tile_colour(out, board, x, row * 2, 38);
			tile_colour(out, board, x, row * 2 + 1, 48);
			fputs("\u2580", out);
		} else {
			tile_colour(out, board, x, row, 48);
			fputs(cells == CELLS_TWO ? "  " : " ", out);
		}
	}
	fputs("\033[0m", out);
}

static enum cells cells_choose(const struct board *board, unsigned columns, unsigned rows)
{
	if (board->gx * 2 + SIDE_WIDTH <= columns && board->gy <= rows)
		return CELLS_TWO;
	return screen_is_utf8() ? CELLS_HALF : CELLS_ONE;
}

/* Writes all of a frame at once, so that none is seen half. */
static void out_flush(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* One line of figures, cut to `width`, the loud ones in red. */
static void side_draw(FILE *out, const struct side *side, size_t line, unsigned width)
{
	const char *text = line < side->count ? side->lines[line] : "";
	bool loud = strncmp(text, "BROKEN", 6) == 0 || strncmp(text, "FROZEN", 6) == 0 ||
		strncmp(text, "Error", 5) == 0;

	fprintf(out, "%s%-*.*s\033[0m", loud ? "\033[1;31m" : "", (int)width, (int)width, text);
}

/* A row of figures below the picture, in two columns if there is room. */
static void below_draw(
	FILE *out, const struct side *side, size_t row, const struct view *view, size_t high)
{
	unsigned half = view->columns / 2;

	if (view->columns < 80) {
		side_draw(out, side, row, view->columns);
		return;
	}
	side_draw(out, side, row, half - 1);
	fprintf(out, "\033[%uG", half + 1);
	side_draw(out, side, row + view->rows - high, half);
}

/* The figures stand beside the picture if they fit there, else below it. */
static void frame_draw(FILE *out, const struct view *view)
{
	const struct board *board = view->board;
	enum cells cells = cells_choose(board, view->columns, view->rows);
	uint64_t wide = cells == CELLS_TWO ? board->gx * 2 : board->gx;
	uint64_t high = cells == CELLS_HALF ? (board->gy + 1) / 2 : board->gy;
	bool beside = wide + SIDE_WIDTH <= view->columns;
	uint64_t width = wide > view->columns ? view->columns : board->gx;
	struct side side;

	side_fill(&side, view);
	if (!beside && high + 6 > view->rows)
		high = view->rows > 6 ? view->rows - 6 : 0;
	fputs("\033[H", out);
	for (unsigned row = 0; row < view->rows; row++) {
		bool picture = row < high;

		if (picture)
			row_draw(out, board, cells, row, width);
		if (beside) {
			fprintf(out, "\033[%" PRIu64 "G", wide + 3);
			side_draw(out, &side, row, view->columns - (unsigned)wide - 2);
		} else if (!picture) {
			below_draw(out, &side, row - high, view, high);
		}
		fputs(row + 1 < view->rows ? "\033[K\r\n" : "\033[K", out);
	}
}

void view_draw(struct view *view)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	unsigned columns, rows;

	if (!out)
		return;
	screen_size(&columns, &rows);
	if (columns != view->columns || rows != view->rows)
		fputs("\033[2J", out);
	view->columns = columns;
	view->rows = rows;
	frame_draw(out, view);
	if (fclose(out) == 0)
		out_flush(text, len);
	free(text);
}

void view_print(const struct view *view)
{
	const struct board *board = view->board;
	unsigned columns, rows;

	screen_size(&columns, &rows);

	enum cells cells = board->gx * 2 <= columns ? CELLS_TWO
		: screen_is_utf8()                  ? CELLS_HALF
						    : CELLS_ONE;
	uint64_t high = cells == CELLS_HALF ? (board->gy + 1) / 2 : board->gy;

	for (uint64_t row = 0; row < high; row++) {
		row_draw(stdout, board, cells, row, board->gx > columns ? columns : board->gx);
		putchar('\n');
	}
	fflush(stdout);
}

void view_line(const struct view *view)
{
	const struct board *board = view->board;
	char eta[WHEN_TEXT], p50[WHEN_TEXT], p95[WHEN_TEXT];

	eta_spell(eta, board);
	wait_spell(p50, stats_percentile(view->stats, 50));
	wait_spell(p95, stats_percentile(view->stats, 95));
	printf("%" PRIu64 "/%" PRIu64 " tiles (%u %%), %.1f/s, ETA %s", board->done, board->total,
		board_percent(board), board_rate(board, 1), eta);
	if (mosaic_locked(view->mosaic))
		printf(", wait p50 %s p95 %s, %" PRIu64 " timeouts, %s", p50, p95,
			view->stats->counts[REPORT_TIMEOUT],
			*view->watch->holder ? view->watch->holder : "free");
	if (*view->watch->freeze)
		printf(", %s", view->watch->freeze);
	if (board->repeated)
		printf(", %" PRIu64 " painted twice", board->repeated);
	if (view->stats->error)
		printf(", last error: %s", strerror(view->stats->error));
	putchar('\n');
	fflush(stdout);
}
