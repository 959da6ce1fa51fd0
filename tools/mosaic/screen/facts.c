/* See facts.h. */
#include "mosaic/screen/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "mosaic/board.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/paint.h"
#include "mosaic/screen/side.h"
#include "mosaic/reports.h"
#include "mosaic/watch.h"
#include "say.h"
#include "when.h"

#define SILENT_MS 5000 /* a mount that says nothing for so long does not answer */
#define LEAST 38       /* columns of a fact or an event */
#define GAP 2          /* between two */
#define FACTS 6
#define LABEL 10 /* columns of the label, or the time */
#define EVENT 18 /* of the event's name */

/* A label and some words; `right` stands at the right end. */
struct fact {
	const char *label;
	char text[128], right[WHEN_TEXT + 12];
	enum tint tint;
};

struct facts {
	struct fact all[FACTS];
	int count;
};

static struct fact *fact_add(struct facts *facts, enum tint tint, const char *label)
{
	struct fact *fact = &facts->all[facts->count++];

	*fact = (struct fact){.label = label, .tint = tint};
	return fact;
}

/* Sets the time at its right end, with a word that goes where there is no room for it. */
static void fact_time(struct fact *fact, const char *word, int64_t ms)
{
	char time[WHEN_TEXT];

	side_spell(time, ms);
	snprintf(fact->right, sizeof(fact->right), "%s %s", word, time);
}

static void damage_add(struct facts *facts, const struct board *board)
{
	struct fact *fact = fact_add(facts, TINT_BAD, "BROKEN");

	snprintf(fact->text, sizeof(fact->text), "%" PRIu64 " twice, %" PRIu64 " out of chain",
		board->repeated, board->unchained);
	fact = fact_add(facts, TINT_BAD, "");
	snprintf(fact->text, sizeof(fact->text), "first at tile %" PRIu64, board->first);
	if (board->unreadable)
		text_add(fact->text, sizeof(fact->text), ", %" PRIu64 " lines unreadable",
			board->unreadable);
}

static void holder_add(struct facts *facts, const struct sight *sight)
{
	int64_t silent = when_ms() - sight->seen_ms;
	struct fact *fact = fact_add(facts, TINT_PLAIN, "holder");

	if (sight->error) {
		fact->tint = TINT_BAD;
		snprintf(fact->text, sizeof(fact->text), "%s", strerror(sight->error));
	} else if (sight->seen_ms && silent > SILENT_MS) {
		fact->tint = TINT_BAD;
		snprintf(fact->text, sizeof(fact->text), "no answer from the mount");
		fact_time(fact, "for", silent);
	} else if (sight->held) {
		snprintf(fact->text, sizeof(fact->text), "%s  pid %d", sight->owner,
			(int)sight->pid);
		if (sight->left_ms >= 0)
			fact_time(fact, "expires", sight_left_ms(sight, sight->left_ms));
	} else {
		fact->tint = TINT_QUIET;
		snprintf(fact->text, sizeof(fact->text), "nobody");
	}
}

static void freeze_add(struct facts *facts, const struct sight *sight)
{
	struct fact *fact = fact_add(facts, TINT_QUIET, "frozen");

	snprintf(fact->text, sizeof(fact->text), "no");
	if (!sight->frozen)
		return;
	fact->tint = TINT_COLD;
	snprintf(fact->text, sizeof(fact->text), "%s by %s", sight->frozen_all ? "all" : "yes",
		sight->freezer);
	fact_time(fact, "thaws", sight_left_ms(sight, sight->thaw_ms));
}

/* The important ones first. */
static void facts_fill(struct facts *facts, const struct side *side)
{
	const struct board *board = side->board;
	struct fact *fact;

	facts->count = 0;
	if (board_damaged(board))
		damage_add(facts, board);
	if (mosaic_locked(side->mosaic)) {
		holder_add(facts, side->sight);
		freeze_add(facts, side->sight);
	} else {
		fact = fact_add(facts, TINT_WAIT, "lock");
		snprintf(fact->text, sizeof(fact->text), "none (--mode nolock)");
	}
	if (side->reports->error) {
		fact = fact_add(facts, TINT_BAD, "error");
		snprintf(fact->text, sizeof(fact->text), "%s", report_reason(side->reports->error));
	}
	if (!board_damaged(board)) {
		fact = fact_add(facts, TINT_QUIET, "chain");
		snprintf(fact->text, sizeof(fact->text), "whole, %" PRIu64 " lines",
			board->lines_read);
	}
}

static int columns_of(int wide)
{
	return wide / LEAST < 1 ? 1 : wide / LEAST;
}

/* Where number `i` of things that stand side by side is. */
static struct box box_of(const struct box *box, int i)
{
	int columns = columns_of(box->wide), wide = (box->wide + GAP) / columns - GAP;

	return (struct box){box->y + i / columns, box->x + i % columns * (wide + GAP), 1, wide};
}

int facts_lines(const struct side *side, int wide, bool all)
{
	int columns = columns_of(wide);
	struct facts facts;

	facts_fill(&facts, side);
	if (!all && !board_damaged(side->board))
		facts.count--;
	return (facts.count + columns - 1) / columns;
}

static void fact_draw(const struct fact *fact, const struct box *at)
{
	attr_t label = paint_tint(fact->tint == TINT_PLAIN ? TINT_QUIET : fact->tint);
	int room = at->wide - LABEL, text = (int)text_width(fact->text);
	const char *right = fact->right;

	if (*right && text + 2 + (int)strlen(right) > room)
		right = strchr(right, ' ') + 1;
	text_draw(at->y, at->x, LABEL - 1, label, fact->label);
	text_right(at->y, at->x + LABEL, room, paint_tint(fact->tint), right);
	if (*right)
		room -= (int)strlen(right) + 1;
	text_draw(at->y, at->x + LABEL, room, paint_tint(fact->tint), fact->text);
}

void facts_draw(const struct side *side, const struct box *box, int lines)
{
	struct facts facts;

	facts_fill(&facts, side);
	for (int i = 0; i < facts.count && i < lines * columns_of(box->wide); i++) {
		struct box at = box_of(box, i);

		fact_draw(&facts.all[i], &at);
	}
}

/* ---- events ---- */

static enum tint kind_tint(const char *kind)
{
	static const struct {
		const char *kind;
		enum tint tint;
	} tints[] = {{"deny", TINT_WAIT}, {"stale-break", TINT_BAD}, {"auto-prune", TINT_BAD},
		{"force-break", TINT_BAD}, {"corrupt-break", TINT_BAD}, {"freeze", TINT_COLD},
		{"unfreeze", TINT_COLD}, {"thaw", TINT_COLD}, {"renew", TINT_GOOD}};

	for (size_t i = 0; i < sizeof(tints) / sizeof(*tints); i++)
		if (strcmp(kind, tints[i].kind) == 0)
			return tints[i].tint;
	return TINT_PLAIN;
}

static void event_draw(const struct happening *event, const struct box *at)
{
	attr_t attr = paint_tint(kind_tint(event->kind)) & ~(attr_t)A_BOLD;
	int after = LABEL + EVENT, used;
	char count[24] = "", pid[24];

	if (event->count > 1)
		snprintf(count, sizeof(count), "%s%" PRIu64, MB_CUR_MAX > 1 ? "×" : "x",
			event->count);
	snprintf(pid, sizeof(pid), "pid %d", (int)event->pid);
	text_draw(at->y, at->x, LABEL - 1, paint_tint(TINT_QUIET), event->time);
	text_draw(at->y, at->x + LABEL, at->wide - LABEL, attr, event->text);
	used = text_draw(at->y, at->x + after, at->wide - after, A_NORMAL, count);
	used += after + (used > 0);
	if (event->pid > 0 && used + (int)strlen(pid) <= at->wide)
		text_right(at->y, at->x + used, at->wide - used, paint_tint(TINT_QUIET), pid);
}

int latest_lines(int wide)
{
	return (WATCH_EVENTS + columns_of(wide) - 1) / columns_of(wide);
}

void latest_draw(const struct side *side, const struct box *box, int lines)
{
	for (int i = 0; i < WATCH_EVENTS && i < lines * columns_of(box->wide); i++) {
		struct box at = box_of(box, i);

		if (side->sight->last[i].count)
			event_draw(&side->sight->last[i], &at);
	}
}
