/* See help.h. */
#include "mosaic/screen/help.h"

#include <ncurses.h>

#include "bar.h"
#include "mosaic/screen/paint.h"

#define KEY 12 /* columns of the first word */

/* A word and what there is to say of it; without one, the line before goes on. */
static const struct {
	const char *word, *text;
	enum tint tint;
	bool lock; /* only where there is one */
} help[] = {
	{"f  u", "freeze the lock for a while; lift that", TINT_STRONG, true},
	{"k", "kill the worker that holds the lock", TINT_STRONG, true},
	{"v", "show the ledger's tiles, or the picture's pixels", TINT_STRONG},
	{"p", "stop drawing, go on; the work goes on all the time", TINT_STRONG},
	{"q", "stop it all", TINT_STRONG},
	{"", ""},
	{"tile", "in the ledger: one line, chained to the one before", TINT_GOOD},
	{"grey", "not yet; the lighter ones are being painted", TINT_QUIET},
	{"cold", "the lock is frozen: nobody gets it until it thaws", TINT_COLD, true},
	{"dark", "its line is out of the chain: two wrote at a time", TINT_BAD},
	{"cross", "painted twice", TINT_BAD},
	{"", ""},
	{"wait", "for the lock: half of all waits took less than p50", TINT_QUIET, true},
	{"timeouts", "gave up waiting, and tried again later", TINT_QUIET, true},
	{"impatient", "the same, of workers who wait 100 ms at most", TINT_QUIET, true},
	{"recovered", "tiles of the dead that others painted", TINT_QUIET},
	{"lost", "holds that ended too soon: not entered", TINT_QUIET, true},
	{"fenced", "came with an old token, and were refused", TINT_QUIET, true},
};

#define HELP_LINES ((int)(sizeof(help) / sizeof(*help)))
#define HELP_WIDE 66

/* Clears the box and draws its frame. */
static void box_draw(int y, int x, int high, int wide)
{
	for (int i = 0; i < high; i++)
		mvhline(y + i, x, ' ', wide);
	attrset(paint_tint(TINT_QUIET));
	mvhline(y, x, 0, wide);
	mvhline(y + high - 1, x, 0, wide);
	mvvline(y, x, 0, high);
	mvvline(y, x + wide - 1, 0, high);
	mvaddch(y, x, ACS_ULCORNER);
	mvaddch(y, x + wide - 1, ACS_URCORNER);
	mvaddch(y + high - 1, x, ACS_LLCORNER);
	mvaddch(y + high - 1, x + wide - 1, ACS_LRCORNER);
	attrset(A_NORMAL);
	text_draw(y, x + 2, wide - 4, paint_tint(TINT_STRONG), " lokt demo mosaic ");
	text_right(y + high - 1, x + 2, wide - 4, paint_tint(TINT_QUIET), " any key closes this ");
}

void help_draw(bool locked)
{
	int count = 0, wide = COLS < HELP_WIDE ? COLS : HELP_WIDE, high, y, x, line = 0;

	for (int i = 0; i < HELP_LINES; i++)
		count += locked || !help[i].lock;
	high = LINES < count + 2 ? LINES : count + 2;
	y = (LINES - high) / 2;
	x = (COLS - wide) / 2;
	box_draw(y, x, high, wide);
	for (int i = 0; i < HELP_LINES && line < high - 2; i++) {
		if (!locked && help[i].lock)
			continue;
		line++;
		text_draw(y + line, x + 2, KEY - 1, paint_tint(help[i].tint), help[i].word);
		text_draw(y + line, x + 2 + KEY, wide - KEY - 4, A_NORMAL, help[i].text);
	}
}
