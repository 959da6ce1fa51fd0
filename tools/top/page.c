/* See page.h. */
#include "top/page.h"

#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "json.h"
#include "refusal.h"
#include "top/names.h"
#include "top/screen.h"
#include "top/top.h"

static void heads_draw(const struct grid *grid, int y, size_t marked)
{
	int x = 0;

	for (size_t i = 0; i < grid->count; i++) {
		const char *head = grid->columns[i].head;
		int width = (int)grid->width[i], len = (int)strlen(head);

		if (width == 0)
			continue;
		text_draw(y, x + (grid->columns[i].right && len < width ? width - len : 0), width,
			i == marked ? A_BOLD | A_UNDERLINE : A_DIM, head);
		x += width + (int)grid->gap;
	}
}

static void cells_draw(const struct grid *grid, int y, const struct cells *cells,
	const attr_t attrs[GRID_COLUMNS], bool chosen)
{
	int x = 0;

	if (chosen)
		mvhline(y, 0, ' ' | A_REVERSE, COLS);
	for (size_t i = 0; i < grid->count; i++) {
		int width = (int)grid->width[i], len = (int)text_width(cells->text[i]);

		if (width == 0)
			continue;
		text_draw(y, x + (grid->columns[i].right && len < width ? width - len : 0), width,
			chosen ? A_REVERSE : attrs[i], cells->text[i]);
		x += width + (int)grid->gap;
	}
}

/* Moves the window of `lines` lines on a page so that line `at` of `count` is in it. */
static size_t window_move(struct top *top, size_t at, size_t count, size_t lines)
{
	size_t *first = &top->first[top->page];

	top->lines = lines;
	if (*first + lines > count)
		*first = count > lines ? count - lines : 0;
	if (at < *first)
		*first = at;
	if (lines > 0 && at >= *first + lines)
		*first = at - lines + 1;
	return *first;
}

static void name_attrs(attr_t attrs[GRID_COLUMNS], const struct row *row)
{
	bool dead = strcmp(json_text(row->holder, "pid_status"), "dead") == 0;

	for (size_t i = 0; i < GRID_COLUMNS; i++)
		attrs[i] = A_NORMAL;
	if (row->freeze)
		attrs[NAMES_STATE] = attrs[NAMES_THAW] = screen_tint(TINT_FROZEN);
	if (row->waiters > 0)
		attrs[NAMES_WAIT] = attrs[NAMES_LONGEST] = screen_tint(TINT_WAIT);
	if (dead)
		attrs[NAMES_PID] = screen_tint(TINT_BAD);
}

/* The table of names, on the lines from `y` on. */
static void names_draw(struct top *top, int y, int lines)
{
	static struct grid grid = {.columns = names_columns, .count = NAMES_COLUMNS};
	static const size_t marks[ORDERS] = {NAMES_NAME, NAMES_AGE, NAMES_WAIT};
	const struct rows *rows = &top->rows;
	size_t first = window_move(top, top->at, rows->count, lines > 1 ? (size_t)lines - 1 : 0);
	size_t last = first + top->lines < rows->count ? first + top->lines : rows->count;
	attr_t attrs[GRID_COLUMNS];
	struct cells cells;

	grid_begin(&grid, (size_t)COLS);
	for (size_t i = first; i < last; i++) {
		names_cells(&cells, &rows->all[i]);
		grid_want(&grid, &cells);
	}
	grid_fit(&grid);
	heads_draw(&grid, y, marks[top->order]);
	for (size_t i = first; i < last; i++) {
		names_cells(&cells, &rows->all[i]);
		name_attrs(attrs, &rows->all[i]);
		cells_draw(&grid, y + 1 + (int)(i - first), &cells, attrs, i == top->at);
	}
	if (rows->count == 0 && lines > 1)
		text_draw(y + 1, 0, COLS, A_DIM,
			rows->names ? "nothing passes the filter"
				    : "nothing is held, waited for or frozen");
}

static enum tint kind_tint(const char *kind)
{
	static const struct {
		const char *kind;
		enum tint tint;
	} tints[] = {{"deny", TINT_WAIT}, {"stale-break", TINT_BAD}, {"auto-prune", TINT_BAD},
		{"force-break", TINT_BAD}, {"corrupt-break", TINT_BAD}, {"freeze", TINT_FROZEN},
		{"unfreeze", TINT_FROZEN}, {"thaw", TINT_FROZEN}};

	for (size_t i = 0; i < sizeof(tints) / sizeof(*tints); i++)
		if (strcmp(kind, tints[i].kind) == 0)
			return tints[i].tint;
	return TINT_NONE;
}

void events_draw(const struct top *top, int y, int lines)
{
	attrset(A_DIM);
	mvhline(y, 0, ACS_HLINE, COLS);
	attrset(A_NORMAL);
	text_draw(y, 2, COLS - 2, A_DIM, " events ");
	for (int i = 1; i < lines; i++) {
		const struct happened *event = recent_get(&top->recent, (size_t)(lines - 1 - i));

		if (!event)
			continue;
		text_draw(y + i, 0, COLS, A_DIM, event->time);
		text_draw(y + i, 9, COLS - 9, screen_tint(kind_tint(event->kind)), event->kind);
		text_draw(y + i, 23, COLS - 23, A_NORMAL, event->text);
	}
}

/* ---- the other pages ---- */

/* What is to be said of the name above its people. Returns the lines that it took. */
static int one_title_draw(const struct top *top, const struct row *row, int y)
{
	char text[TOP_TEXT], frozen[REFUSAL_TEXT];

	snprintf(text, sizeof(text), "%s is %s", top->chosen,
		row ? json_text(row->lock, "state") : "free by now");
	text_draw(y, 0, COLS, A_BOLD, text);
	if (!row || !row->freeze)
		return 1;
	freeze_spell(frozen, row->freeze, true);
	text_draw(y + 1, 0, COLS, screen_tint(TINT_FROZEN), frozen);
	return 2;
}

/* All the holders and waiters of one name. */
static void one_draw(struct top *top, int y, int lines)
{
	static struct grid grid = {.columns = people_columns, .count = PEOPLE_COLUMNS};
	const attr_t attrs[GRID_COLUMNS] = {0};
	const struct row *row = top_chosen(top);
	int title = one_title_draw(top, row, y), room = lines - title - 1;
	size_t count = row ? row->holders + row->waiters : 0;
	size_t first = window_move(top, top->person, count, room > 0 ? (size_t)room : 0);
	struct cells cells;

	grid_begin(&grid, (size_t)COLS);
	for (size_t i = first; i < first + top->lines && i < count; i++) {
		people_cells(&cells, row_person(row, i));
		grid_want(&grid, &cells);
	}
	grid_fit(&grid);
	if (count > 0)
		heads_draw(&grid, y + title, GRID_COLUMNS);
	for (size_t i = first; i < first + top->lines && i < count; i++) {
		people_cells(&cells, row_person(row, i));
		cells_draw(
			&grid, y + title + 1 + (int)(i - first), &cells, attrs, i == top->person);
	}
}

static const char *const help[] = {
	"arrows j k  choose (PgUp PgDn Home End)",
	"Enter       all who hold it or wait",
	"s           sort: name, age, waiters",
	"/           only names and labels with",
	"            this in them; Esc: all",
	"b           break the chosen hold (asks)",
	"f           freeze the name (asks)",
	"u           unfreeze it (asks)",
	"p           pause; again: go on",
	"q Esc       back; q quits",
	"",
	"STATE    held, shared by n, slots n/N,",
	"         lease, group (several names),",
	"         frozen, or only waited for",
	"HOLDER   label of the (first) holder",
	"AGE      of its hold",
	"TTL      till it is lost if not renewed",
	"WAIT     how many wait",
	"LONGEST  the longest wait of them",
	"THAW     till the freeze ends",
};

#define HELP_LINES ((int)(sizeof(help) / sizeof(*help)))

static void help_draw(struct top *top, int y, int lines)
{
	size_t *first = &top->first[PAGE_HELP];
	size_t last = HELP_LINES > lines ? (size_t)(HELP_LINES - lines) : 0;

	top->lines = (size_t)lines;
	if (*first > last)
		*first = last;
	for (int i = 0; i < lines && (int)*first + i < HELP_LINES; i++)
		text_draw(y + i, 0, COLS, A_NORMAL, help[*first + (size_t)i]);
}

void page_draw(struct top *top, int y, int lines)
{
	switch (top->page) {
	case PAGE_NAMES: names_draw(top, y, lines); break;
	case PAGE_ONE: one_draw(top, y, lines); break;
	case PAGE_HELP: help_draw(top, y, lines); break;
	}
}
