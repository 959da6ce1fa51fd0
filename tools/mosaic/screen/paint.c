/* See paint.h. */
#include "mosaic/screen/paint.h"

#define HALVES 32000 /* pairs that it takes to put any two colours into a cell */
#define SPARE 4096   /* pairs for one more frame */

static enum depth have;
static int pairs; /* the highest that is in use */

static void tints_start(void)
{
	static const short colours[TINTS] = {
		[TINT_GOOD] = COLOR_GREEN,
		[TINT_WAIT] = COLOR_YELLOW,
		[TINT_COLD] = COLOR_CYAN,
		[TINT_BAD] = COLOR_RED,
	};

	for (short i = TINT_GOOD; i < TINTS; i++)
		init_pair(i, colours[i], -1);
	pairs = TINTS;
}

void paint_start(enum depth depth)
{
	have = depth != DEPTH_NONE && has_colors() && start_color() == OK ? depth : DEPTH_NONE;
	if (have == DEPTH_NONE)
		return;
	use_default_colors();
	tints_start();
}

attr_t paint_tint(enum tint tint)
{
	static const attr_t weights[TINTS] = {
		[TINT_QUIET] = A_DIM,
		[TINT_STRONG] = A_BOLD,
		[TINT_COLD] = A_BOLD,
		[TINT_BAD] = A_BOLD,
	};

	if (have == DEPTH_NONE || tint < TINT_GOOD)
		return weights[tint];
	return weights[tint] | (attr_t)COLOR_PAIR((int)tint);
}

bool paint_is_coloured(void)
{
	return have != DEPTH_NONE;
}

bool paint_has_halves(void)
{
	return have != DEPTH_NONE && COLOR_PAIRS >= HALVES;
}

void paint_put(int y, int x, wchar_t c, attr_t attr, const uint8_t *fore, const uint8_t *back)
{
	wchar_t text[2] = {c};
	int pair = 0;
	cchar_t cell;

	if (have != DEPTH_NONE && (fore || back)) {
		pair = alloc_pair(
			fore ? depth_number(have, fore) : -1, back ? depth_number(have, back) : -1);
		if (pair > pairs)
			pairs = pair;
	}
	setcchar(&cell, text, attr, 0, pair > 0 ? &pair : NULL);
	mvadd_wch(y, x, &cell);
}

bool paint_renew(void)
{
	if (have == DEPTH_NONE || pairs < COLOR_PAIRS - SPARE || COLOR_PAIRS < 2 * SPARE)
		return false;
	reset_color_pairs();
	tints_start();
	return true;
}
