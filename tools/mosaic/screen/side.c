/* See side.h. */
#include "mosaic/screen/side.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "mosaic/board.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/facts.h"
#include "mosaic/screen/figures.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/paint.h"
#include "mosaic/reports.h"
#include "mosaic/watch.h"

#define COUNT_MS 250
#define WIDE 60 /* columns from which on the progress is one line */
#define HIGH 8  /* lines from which on it may be two */
#define AIR 4   /* lines between its parts */
#define REST 16 /* columns of what stands at its right end */

void side_count(struct side *side)
{
	int64_t now = when_ms();

	if (side->counted_ms && now - side->counted_ms < COUNT_MS)
		return;
	side->counted_ms = now;
	side->eta_ms = board_eta_ms(side->board);
	side->rate = board_rate(side->board, 1);
	side->rate_long = board_rate(side->board, 10);
	side->wait_half = reports_percentile(side->reports, 50);
	side->wait_most = reports_percentile(side->reports, 95);
}

void side_spell(char out[WHEN_TEXT], int64_t ms)
{
	if (ms < 60000)
		snprintf(out, WHEN_TEXT, "%d.%d s", (int)(ms / 1000), (int)(ms % 1000 / 100));
	else
		when_spell(out, ms / 1000 * 1000);
}

int side_word(const struct side *side, char out[SIDE_WORD])
{
	char left[WHEN_TEXT];

	*out = '\0';
	if (side->sight->frozen) {
		side_spell(left, sight_left_ms(side->sight, side->sight->thaw_ms));
		snprintf(out, SIDE_WORD, "FROZEN %s", left);
		return TINT_COLD;
	}
	if (!board_damaged(side->board))
		return TINT_QUIET;
	snprintf(out, SIDE_WORD, "BROKEN");
	return TINT_BAD;
}

/* ---- progress ---- */

static void eta_spell(char out[SIDE_WORD], const struct side *side)
{
	char time[WHEN_TEXT];

	when_spell(time, (side->eta_ms + 999) / 1000 * 1000);
	if (side->board->done == side->board->total)
		snprintf(out, SIDE_WORD, "done");
	else if (side->eta_ms < 0)
		snprintf(out, SIDE_WORD, "-");
	else
		snprintf(out, SIDE_WORD, "%s left", time);
}

static void bar_line(int y, int x, int wide, const struct board *board, enum tint tint)
{
	int full = wide > 0 ? (int)((uint64_t)wide * board->done / board->total) : 0;
	bool lines = MB_CUR_MAX > 1;

	for (int i = 0; i < wide; i++)
		text_draw(y, x + i, 1, paint_tint(i < full ? tint : TINT_QUIET),
			i < full ? (lines ? "━" : "=") : (lines ? "─" : "-"));
}

/* How far it is, on one line or two. */
static void progress_draw(const struct side *side, const struct box *box, int lines)
{
	const struct board *board = side->board;
	char done[64], percent[16], rest[SIDE_WORD];
	enum tint tint = (enum tint)side_word(side, rest), bar = tint;
	int whole =
		snprintf(done, sizeof(done), "%" PRIu64 "/%" PRIu64, board->total, board->total);
	int y = box->y, x = box->x, end = x + box->wide;

	if (tint == TINT_QUIET) {
		eta_spell(rest, side);
		tint = TINT_PLAIN, bar = TINT_GOOD;
	}
	snprintf(done, sizeof(done), "%" PRIu64 "/%" PRIu64, board->done, board->total);
	snprintf(percent, sizeof(percent), "%3u %%", board_percent(board));
	if (whole + (int)(strlen(percent) + strlen(rest)) + 3 <= box->wide) {
		text_draw(y, x, box->wide, paint_tint(TINT_STRONG), done);
		x += whole + 1;
	}
	x += text_draw(y, x, end - x, A_NORMAL, percent) + 2;
	text_right(y, x, end - x, paint_tint(tint), rest);
	if (lines > 1)
		bar_line(y + 1, box->x, box->wide, board, bar);
	else
		bar_line(y, x, end - x - REST, board, bar);
}

/* ---- all of it ---- */

static void title_draw(const struct side *side, const struct box *box)
{
	const struct mosaic *mosaic = side->mosaic;
	int used = text_draw(box->y, box->x, box->wide, paint_tint(TINT_STRONG), mosaic->name) + 2;
	char text[160];

	snprintf(text, sizeof(text), "%" PRIu64 "x%" PRIu64 " %s%s%s%s", mosaic->gx, mosaic->gy,
		order_word(mosaic->order), mosaic->two_phase ? ", two phases" : "",
		mosaic->mode == MODE_LOKT             ? ""
			: mosaic->mode == MODE_NOLOCK ? ", no lock"
						      : ", broken",
		mosaic->check_token ? ", tokens checked" : "");
	text_right(box->y, box->x + used, box->wide - used, paint_tint(TINT_QUIET), text);
}

/* How many lines each part gets. */
struct share {
	int title, progress, figures, facts, events;
	int air; /* lines between the parts */
};

static int share_take(int *left, int want)
{
	int taken = want < *left ? want : *left;

	taken = taken > 0 ? taken : 0;
	*left -= taken;
	return taken;
}

/* Shares out the lines: first to what must be seen, and what is left to the others. */
static struct share share_find(const struct side *side, const struct box *box)
{
	bool locked = mosaic_locked(side->mosaic);
	int figures = figures_lines(side, box->wide), events = locked ? latest_lines(box->wide) : 0;
	int left = box->high;
	struct share share = {0};

	share.progress = share_take(&left, box->wide >= WIDE || box->high < HIGH ? 1 : 2);
	share.figures = share_take(&left, 1);
	share.facts = share_take(&left, facts_lines(side, box->wide, box->high >= HIGH));
	share.figures += share_take(&left, figures > 1);
	share.events = share_take(&left, events > 0);
	share.figures += share_take(&left, figures - share.figures);
	share.events += share_take(&left, (events + 1) / 2 - share.events);
	share.title = share_take(&left, 1);
	share.air = share_take(&left, AIR);
	share.events += share_take(&left, events - share.events);
	return share;
}

/* Goes on after a part, and a line of air while there is some. */
static void part_end(struct box *rest, struct share *share, int lines)
{
	rest->y += lines + (lines > 0 && share->air > 0);
	share->air -= lines > 0 && share->air > 0;
}

void side_draw(const struct side *side, const struct box *box)
{
	struct share share = share_find(side, box);
	struct box rest = *box;

	for (int y = 0; y < box->high; y++)
		mvhline(box->y + y, box->x, ' ', box->wide);
	if (share.title)
		title_draw(side, &rest);
	part_end(&rest, &share, share.title);
	if (share.progress)
		progress_draw(side, &rest, share.progress);
	part_end(&rest, &share, share.progress);
	figures_draw(side, &rest, share.figures);
	part_end(&rest, &share, share.figures);
	facts_draw(side, &rest, share.facts);
	part_end(&rest, &share, share.facts);
	latest_draw(side, &rest, share.events);
}
