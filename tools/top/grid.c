/* See grid.h. */
#include "top/grid.h"

#include <stdio.h>
#include <string.h>

#include "bar.h"

#define ROOMY 100 /* from this width on columns stand two blanks apart */

void grid_begin(struct grid *grid, size_t room)
{
	if (grid->room != room)
		memset(grid->want, 0, sizeof(grid->want));
	grid->room = room;
	grid->gap = room >= ROOMY ? 2 : 1;
}

void grid_want(struct grid *grid, const struct cells *cells)
{
	for (size_t i = 0; i < grid->count; i++) {
		size_t width = grid->columns[i].grows ? text_width(cells->text[i]) : 0;

		if (width > grid->want[i])
			grid->want[i] = width;
	}
}

/* What the columns that are shown take, gaps included. */
static size_t grid_width(const struct grid *grid)
{
	size_t width = 0;

	for (size_t i = 0; i < grid->count; i++)
		if (grid->width[i])
			width += grid->width[i] + (width ? grid->gap : 0);
	return width;
}

/* Hides the column of the highest rank. False: none is left that may go. */
static bool grid_hide(struct grid *grid)
{
	size_t least = grid->count;

	for (size_t i = 0; i < grid->count; i++)
		if (grid->width[i] && grid->columns[i].rank > 0 &&
			(least == grid->count || grid->columns[i].rank > grid->columns[least].rank))
			least = i;
	if (least == grid->count)
		return false;
	grid->width[least] = 0;
	return true;
}

/* Gives what is left to the columns that want it, one column of the terminal at a time. */
static void grid_grow(struct grid *grid)
{
	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i < grid->count; i++) {
			if (!grid->width[i] || grid->width[i] >= grid->want[i] ||
				grid_width(grid) >= grid->room)
				continue;
			grid->width[i]++;
			grown = true;
		}
	}
}

void grid_fit(struct grid *grid)
{
	for (size_t i = 0; i < grid->count; i++)
		grid->width[i] = grid->columns[i].least;
	while (grid_width(grid) > grid->room && grid_hide(grid))
		continue;
	grid_grow(grid);
}

void grid_time(char *out, size_t room, int64_t ms)
{
	long long s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;

	if (ms < 0)
		snprintf(out, room, "-");
	else if (ms < 1000)
		snprintf(out, room, "%lldms", (long long)ms);
	else if (s < 10)
		snprintf(out, room, "%lld.%llds", s, (long long)ms % 1000 / 100);
	else if (s < 100)
		snprintf(out, room, "%llds", s);
	else if (h < 1)
		snprintf(out, room, "%lldm%llds", m, s % 60);
	else if (h < 48)
		snprintf(out, room, "%lldh%lldm", h, m % 60);
	else if (d < 100)
		snprintf(out, room, "%lldd%lldh", d, h % 24);
	else
		snprintf(out, room, "%lldd", d);
}
