/* See screen.h. */
#include "top/screen.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "json.h"
#include "say.h"
#include "top/grid.h"
#include "top/page.h"
#include "top/top.h"
#include "when.h"

#define EVENTS_FROM 16 /* lines of a screen that has room for events */
#define SILENT_MS 3000 /* a mount that says nothing for so long does not answer */

static SCREEN *screen;
static bool coloured;

attr_t screen_tint(enum tint which)
{
	if (coloured)
		return (attr_t)COLOR_PAIR((int)which);
	return which == TINT_BAD ? A_BOLD : A_NORMAL;
}

static void colours_start(void)
{
	static const short colours[TINTS] = {
		[TINT_WAIT] = COLOR_YELLOW,
		[TINT_FROZEN] = COLOR_CYAN,
		[TINT_BAD] = COLOR_RED,
		[TINT_GOOD] = COLOR_GREEN,
	};

	coloured = has_colors() && say_colour(stdout) && start_color() == OK;
	if (!coloured)
		return;
	short back = use_default_colors() == OK ? -1 : COLOR_BLACK;

	for (short i = 1; i < TINTS; i++)
		init_pair(i, colours[i], back);
}

bool screen_start(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0)
		return false;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	colours_start();
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	return true;
}

void screen_stop(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

/* ---- the first line ---- */

static void health_add(struct bar *bar, const struct top *top)
{
	int64_t silent = when_ms() - top->heard_ms;
	char text[GRID_TIME];

	if (top->paused) {
		bar_add(bar, 0, A_REVERSE, "", " PAUSED ");
	} else if (silent > SILENT_MS) {
		grid_time(text, sizeof(text), silent / 1000 * 1000);
		bar_add(bar, 0, screen_tint(TINT_BAD), "", "NO ANSWER FOR %s", text);
	}
	if (top->writable == 0)
		bar_add(bar, 0, screen_tint(TINT_BAD), "", "LOG NOT WRITABLE");
	else if (top->writable > 0)
		bar_add(bar, 5, screen_tint(TINT_GOOD), "", "log ok");
}

static void frozen_add(struct bar *bar, const struct rows *rows)
{
	char left[GRID_TIME];

	grid_time(left, sizeof(left), json_int(rows->frozen_all, "remaining_ms", -1));
	if (rows->frozen_all)
		bar_add(bar, 0, screen_tint(TINT_FROZEN), "", "ALL FROZEN for %s", left);
	else
		bar_add(bar, 1, rows->frozen ? screen_tint(TINT_FROZEN) : A_NORMAL, "",
			"frozen %zu", rows->frozen);
}

static void summary_draw(const struct top *top)
{
	const struct rows *rows = &top->rows;
	const cJSON *daemon = json_object(rows->status, "daemon");
	const int64_t restarts = json_int(daemon, "restarts", 0);
	struct bar bar = {0};
	char up[GRID_TIME];

	grid_time(up, sizeof(up), when_age_ms(json_text(daemon, "started_ts")));
	bar_add(&bar, 6, A_BOLD, "", "lokt top");
	bar_add(&bar, 3, A_NORMAL, "", "%.64s", json_text(rows->status, "host"));
	bar_add(&bar, 7, A_DIM, "", "up %s", up);
	if (restarts > 0)
		bar_add(&bar, 8, A_DIM, "", "%" PRId64 " restart%s", restarts,
			restarts == 1 ? "" : "s");
	bar_add(&bar, 1, A_NORMAL, "", "held %zu", rows->held);
	bar_add(&bar, 1, rows->waited ? screen_tint(TINT_WAIT) : A_NORMAL, "", "waiting %zu",
		rows->waited);
	frozen_add(&bar, rows);
	if (top->rate >= 0)
		bar_add(&bar, 2, A_NORMAL, "", "%.*f grants/s", top->rate < 10 && top->rate > 0,
			top->rate);
	if (*top->filter)
		bar_add(&bar, 4, screen_tint(TINT_WAIT), "", "filter '%s': %zu of %zu", top->filter,
			rows->count, rows->names);
	health_add(&bar, top);
	bar_draw(&bar, 0, 0, COLS);
}

/* ---- the last line ---- */

static void keys_draw(const struct top *top, int y)
{
	struct bar bar = {0};

	if (top->page == PAGE_NAMES) {
		bar_add(&bar, 6, A_NORMAL, "Enter", "details");
		bar_add(&bar, 4, A_NORMAL, "s", "sort");
		bar_add(&bar, 5, A_NORMAL, "/", "filter");
	}
	if (top->page != PAGE_HELP) {
		bar_add(&bar, 1, A_NORMAL, "b", "break");
		bar_add(&bar, 2, A_NORMAL, "f", "freeze");
		bar_add(&bar, 3, A_NORMAL, "u", "unfreeze");
		bar_add(&bar, 7, A_NORMAL, "p", top->paused ? "go on" : "pause");
		bar_add(&bar, 1, A_NORMAL, "?", "help");
	}
	bar_add(&bar, 0, A_NORMAL, "q", top->page == PAGE_NAMES ? "quit" : "back");
	bar_add(&bar, 8, A_NORMAL, "j k", top->page == PAGE_HELP ? "scroll" : "choose");
	bar_draw(&bar, y, 0, COLS);
}

/* What is asked and typed, or said, on as many of the last lines as it takes. */
static void talk_draw(const struct top *top)
{
	bool asked = top->ask != ASK_NOTHING;
	char text[TOP_TEXT + TOP_FILTER];

	snprintf(text, sizeof(text), "%s%s", asked ? top->question : top->message,
		asked ? top->answer : "");
	text_draw_last(A_BOLD, text, asked);
}

void screen_draw(struct top *top)
{
	int body = LINES - 2, events = LINES >= EVENTS_FROM ? body / 3 + 1 : 0;

	erase();
	if (body > 0)
		summary_draw(top);
	page_draw(top, 1, top->page == PAGE_NAMES ? body - events : body);
	if (top->page == PAGE_NAMES && events > 0)
		events_draw(top, 1 + body - events, events);
	if (top->ask != ASK_NOTHING || top->message_ms > when_ms())
		talk_draw(top);
	else
		keys_draw(top, LINES - 1);
	refresh();
}
