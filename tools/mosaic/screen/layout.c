/* See layout.h. */
#include "mosaic/screen/layout.h"

#define GAP 2         /* columns between picture and figures */
#define SIDE_LEAST 38 /* columns of figures beside the picture */
#define SIDE_MOST 46
#define SIDE_HIGH 24   /* lines that all the figures want there */
#define BELOW_WIDE 80  /* columns of figures below a picture that is narrower */
#define BELOW_MOST 132 /* and below one that is wider */
#define BELOW_HIGH 14
#define PLENTY 1000000 /* lines of a terminal that scrolls */

/* How many cells a picture takes that is shown as so many. */
static void cells_count(struct layout *layout)
{
	layout->picture.wide = (int)layout->across * (layout->cells == CELLS_TWO ? 2 : 1);
	layout->picture.high = (int)(layout->down + (layout->cells == CELLS_HALF)) /
		(layout->cells == CELLS_HALF ? 2 : 1);
}

/* Tries whether every tile has its own place within that room. */
static bool cells_fit(struct layout *layout, enum cells cells, int wide, int high)
{
	layout->cells = cells;
	layout->across = layout->gx;
	layout->down = layout->gy;
	cells_count(layout);
	return layout->picture.wide <= wide && layout->picture.high <= high;
}

/* Fewer places than tiles: as many as there is room for, in the picture's proportions. */
static void cells_shrink(struct layout *layout, bool halves, int wide, int high)
{
	uint64_t gx = layout->gx, gy = layout->gy, tall = halves ? 1 : 2; /* of a place */
	uint64_t most = high < 1 ? 1 : (uint64_t)high * (halves ? 2 : 1);

	layout->cells = halves ? CELLS_HALF : CELLS_ONE;
	layout->across = wide < 1 ? 1 : (uint64_t)wide;
	if (layout->across > most * tall * gx / gy)
		layout->across = most * tall * gx / gy;
	if (layout->across > gx)
		layout->across = gx;
	if (layout->across == 0)
		layout->across = 1;
	layout->down = layout->across * gy / gx / tall;
	layout->down = layout->down < 1 ? 1 : layout->down > most ? most : layout->down;
	cells_count(layout);
}

/* Lines for the figures below a picture, when the picture needs all that it can get. */
static int below_least(int rows)
{
	return rows >= 20 ? 5 : rows >= 12 ? 3 : rows >= 4 ? 1 : 0;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* The figures stand beside the picture; all of it in the middle of the screen. */
static void beside_place(struct layout *layout, int columns, int rows)
{
	struct box *picture = &layout->picture, *side = &layout->side;
	int frame, all, top;

	layout->framed =
		picture->wide + GAP + SIDE_LEAST + 2 <= columns && picture->high + 2 <= rows;
	frame = layout->framed;
	side->wide = least(columns - picture->wide - GAP - 2 * frame, SIDE_MOST);
	all = picture->wide + 2 * frame + GAP + side->wide;
	picture->x = (columns - all) / 2 + frame;
	side->x = picture->x + picture->wide + frame + GAP;
	top = picture->high + 2 * frame > SIDE_HIGH ? picture->high + 2 * frame : SIDE_HIGH;
	top = rows > top ? (rows - top) / 2 : 0;
	picture->y = top + frame;
	side->y = top;
	side->high = rows - top;
}

/* The figures stand below it. */
static void below_place(struct layout *layout, int columns, int rows)
{
	struct box *picture = &layout->picture, *side = &layout->side;
	int frame, all;

	layout->framed =
		picture->wide + 2 <= columns && picture->high + 2 + below_least(rows) <= rows;
	frame = layout->framed;
	side->high = least(rows - picture->high - 2 * frame, BELOW_HIGH);
	all = picture->high + 2 * frame + side->high;
	picture->y = (rows - all) / 2 + frame;
	picture->x = (columns - picture->wide) / 2;
	side->y = picture->y + picture->high + frame;
	side->wide = least(columns,
		picture->wide + 2 * frame > BELOW_WIDE ? picture->wide + 2 * frame : BELOW_WIDE);
	side->wide = least(side->wide, BELOW_MOST);
	side->x = (columns - side->wide) / 2;
}

/* Finds how the tiles are shown on a screen of that size; true: with the figures beside them. */
static bool cells_choose(struct layout *layout, int columns, int rows, bool halves)
{
	int beside = columns - GAP - SIDE_LEAST, under = rows - below_least(rows);
	struct layout below = *layout;

	for (int cells = CELLS_TWO; cells <= (halves ? CELLS_HALF : CELLS_ONE); cells++) {
		if (cells_fit(layout, (enum cells)cells, beside, rows))
			return true;
		if (cells_fit(layout, (enum cells)cells, columns, under))
			return false;
	}
	cells_shrink(&below, halves, columns, under);
	cells_shrink(layout, halves, beside, rows);
	if (beside > 0 && layout->across >= below.across)
		return true;
	*layout = below;
	return false;
}

void layout_find(
	struct layout *layout, uint64_t gx, uint64_t gy, int columns, int rows, bool halves)
{
	*layout = (struct layout){.gx = gx, .gy = gy};
	layout->keys = (struct box){.y = rows - 1, .high = rows > 2};
	rows -= layout->keys.high;
	if (cells_choose(layout, columns, rows, halves))
		beside_place(layout, columns, rows);
	else
		below_place(layout, columns, rows);
	layout->keys.x = least(layout->picture.x - layout->framed, layout->side.x);
	layout->keys.wide = columns - layout->keys.x;
}

void layout_picture(struct layout *layout, uint64_t gx, uint64_t gy, int columns, bool halves)
{
	*layout = (struct layout){.gx = gx, .gy = gy};
	for (int cells = CELLS_TWO; cells <= CELLS_ONE; cells++)
		if ((cells == CELLS_TWO || !halves) &&
			cells_fit(layout, (enum cells)cells, columns, PLENTY))
			return;
	if (!halves || !cells_fit(layout, CELLS_HALF, columns, PLENTY))
		cells_shrink(layout, halves, columns, PLENTY / 2);
}
