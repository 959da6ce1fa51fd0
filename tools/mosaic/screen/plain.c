/* See plain.h. */
#include "mosaic/screen/plain.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mosaic/board.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/depth.h"
#include "mosaic/screen/grid.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/tiles.h"
#include "mosaic/reports.h"
#include "mosaic/watch.h"
#include "when.h"

#define COLUMNS 80

/* "12.3 ms" of microseconds. */
static void wait_spell(char out[WHEN_TEXT], uint64_t us)
{
	if (us < 10000)
		snprintf(out, WHEN_TEXT, "%" PRIu64 ".%" PRIu64 " ms", us / 1000, us % 1000 / 100);
	else
		when_spell(out, (int64_t)(us / 1000));
}

static void lock_print(const struct reports *reports, const struct sight *sight)
{
	char p50[WHEN_TEXT], p95[WHEN_TEXT], left[WHEN_TEXT];

	wait_spell(p50, reports_percentile(reports, 50));
	wait_spell(p95, reports_percentile(reports, 95));
	printf(", wait p50 %s p95 %s, %" PRIu64 " timeouts", p50, p95,
		reports->counts[REPORT_TIMEOUT] + reports->counts[REPORT_IMPATIENT]);
	if (reports->counts[REPORT_LOST])
		printf(", %" PRIu64 " lost", reports->counts[REPORT_LOST]);
	if (reports->counts[REPORT_FENCED])
		printf(", %" PRIu64 " fenced", reports->counts[REPORT_FENCED]);
	if (sight->held)
		printf(", held by %s (pid %d)", sight->owner, (int)sight->pid);
	else
		printf(", free");
	when_spell(left, sight_left_ms(sight, sight->thaw_ms));
	if (sight->frozen)
		printf(", FROZEN by %s, thaws in %s", sight->freezer, left);
}

void plain_line(const struct mosaic *mosaic, const struct board *board,
	const struct reports *reports, const struct watch *watch)
{
	int64_t eta = board_eta_ms(board);
	char time[WHEN_TEXT] = "unknown";

	if (board->done == board->total)
		snprintf(time, sizeof(time), "done");
	else if (eta >= 0)
		when_spell(time, (eta + 999) / 1000 * 1000);
	printf("%" PRIu64 "/%" PRIu64 " tiles (%u %%), %.1f/s, ETA %s", board->done, board->total,
		board_percent(board), board_rate(board, 1), time);
	if (mosaic_locked(mosaic))
		lock_print(reports, &watch->sight);
	if (board_damaged(board))
		printf(", BROKEN: %" PRIu64 " painted twice, %" PRIu64 " out of the chain",
			board->repeated, board->unchained + board->unreadable);
	if (reports->error)
		printf(", last error: %s", report_reason(reports->error));
	putchar('\n');
	fflush(stdout);
}

/* ---- the picture ---- */

/* The cells are printed one after the other, without ncurses. */
static void cells_print(const struct tiles *tiles, const struct layout *layout, enum depth depth)
{
	for (int y = 0; y < layout->picture.high; y++) {
		for (int x = 0; x < layout->picture.wide; x++) {
			struct cell cell = cell_find(
				tiles, layout, depth != DEPTH_NONE, (uint64_t)x, (uint64_t)y);

			depth_set(depth, cell.fore_set ? cell.fore : NULL,
				cell.back_set ? cell.back : NULL);
			printf("%lc", (wint_t)cell.c);
		}
		depth_set(depth, NULL, NULL);
		putchar('\n');
	}
}

void plain_picture(const struct mosaic *mosaic, const struct board *board)
{
	char term[DEPTH_TERM];
	enum depth depth = depth_find(term);
	struct winsize size = {0};
	struct layout layout;
	struct tiles tiles;

	if (!isatty(STDOUT_FILENO) || !*term)
		return;
	setlocale(LC_CTYPE, "");
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		size.ws_col = COLUMNS;
	layout_picture(&layout, board->gx, board->gy, size.ws_col,
		depth >= DEPTH_MANY && strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
	tiles_open(&tiles, mosaic, board);
	tiles_pull(&tiles, false);
	depth_begin(term);
	cells_print(&tiles, &layout, depth);
	depth_end();
	tiles_close(&tiles);
	fflush(stdout);
}
