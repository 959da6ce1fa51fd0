/* See grid.h. */
#include "mosaic/screen/grid.h"

#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "mosaic/board.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/paint.h"
#include "mosaic/screen/tiles.h"

static const uint8_t red[3] = {255, 48, 48};

/* A mark that looks like no tile: a white cross on red where it was painted twice. */
static struct cell cell_mark(bool coloured)
{
	return (struct cell){.c = coloured && MB_CUR_MAX > 1 ? L'╳' : L'X',
		.loud = true,
		.fore_set = coloured,
		.back_set = coloured,
		.fore = {255, 255, 255},
		.back = {200, 0, 0}};
}

static struct cell cell_plain(const struct patch *patch)
{
	return (struct cell){.c = patch->worst == PAINT_UNCHAINED ? L'x'
			: patch->all                              ? L'#'
			: patch->some                             ? L'+'
								  : L'.'};
}

/* Nothing but its background. ncurses has no way round writing a no-break space, while it erases what
 * is blanks; and not every terminal that says so erases with the background. */
static wchar_t blank(void)
{
	return MB_CUR_MAX > 1 ? L'\u00a0' : L' ';
}

struct cell cell_find(const struct tiles *tiles, const struct layout *layout, bool coloured,
	uint64_t x, uint64_t y)
{
	bool two = layout->cells == CELLS_TWO, half = layout->cells == CELLS_HALF;
	enum corner corner = !two ? CORNER_BOTH : x % 2 ? CORNER_LAST : CORNER_FIRST;
	struct cell cell = {.c = half ? L'▀' : blank(), .back_set = true};
	struct patch above, below;

	if (!patch_find(&above, tiles, layout, two ? x / 2 : x, half ? y * 2 : y, corner))
		return (struct cell){.c = L' '};
	if (!half || !patch_find(&below, tiles, layout, x, y * 2 + 1, corner))
		below = above, cell.back_set = !half;
	if (above.worst == PAINT_TWICE || below.worst == PAINT_TWICE)
		return cell_mark(coloured);
	if (!coloured)
		return cell_plain(&above);
	memcpy(cell.back, below.rgb, sizeof(cell.back));
	cell.fore_set = half || above.worst == PAINT_UNCHAINED;
	memcpy(cell.fore, half ? above.rgb : red, sizeof(cell.fore));
	if (!half && cell.fore_set)
		cell.c = MB_CUR_MAX > 1 ? L'·' : L'x';
	return cell;
}

void grid_forget(struct grid *grid)
{
	free(grid->shown);
	*grid = (struct grid){0};
}

static bool cell_same(const struct cell *a, const struct cell *b)
{
	return a->c == b->c && a->fore_set == b->fore_set && a->back_set == b->back_set &&
		memcmp(a->fore, b->fore, 3) == 0 && memcmp(a->back, b->back, 3) == 0;
}

void grid_draw(struct grid *grid, const struct tiles *tiles, const struct layout *layout)
{
	const struct box *box = &layout->picture;
	bool coloured = paint_is_coloured();

	if (grid->version == tiles->version)
		return;
	if (!grid->shown)
		grid->shown =
			calloc((size_t)box->wide * (size_t)box->high + 1, sizeof(struct cell));
	if (!grid->shown)
		return;
	grid->version = tiles->version;
	for (int y = 0; y < box->high; y++)
		for (int x = 0; x < box->wide; x++) {
			struct cell *shown = &grid->shown[y * box->wide + x];
			struct cell cell =
				cell_find(tiles, layout, coloured, (uint64_t)x, (uint64_t)y);

			if (cell_same(&cell, shown))
				continue;
			*shown = cell;
			paint_put(box->y + y, box->x + x, cell.c, cell.loud ? A_BOLD : A_NORMAL,
				cell.fore_set ? cell.fore : NULL, cell.back_set ? cell.back : NULL);
		}
}

void frame_draw(const struct layout *layout, int tint, const char *word, bool sampled)
{
	const struct box *box = &layout->picture;
	attr_t attr = paint_tint((enum tint)tint);
	int left = box->x - 1, right = box->x + box->wide, top = box->y - 1,
	    bottom = box->y + box->high;
	int len = (int)strlen(word);

	if (!layout->framed)
		return;
	attrset(attr);
	mvhline(top, box->x, 0, box->wide);
	mvhline(bottom, box->x, 0, box->wide);
	mvvline(box->y, left, 0, box->high);
	mvvline(box->y, right, 0, box->high);
	mvaddch(top, left, ACS_ULCORNER);
	mvaddch(top, right, ACS_URCORNER);
	mvaddch(bottom, left, ACS_LLCORNER);
	mvaddch(bottom, right, ACS_LRCORNER);
	attrset(A_NORMAL);
	if (len > 0 && len < box->wide)
		text_draw(top, box->x + (box->wide - len) / 2, len, attr, word);
	if (sampled)
		text_right(bottom, box->x, box->wide - 1, paint_tint(TINT_QUIET),
			" " MOSAIC_PICTURE " ");
}
