/* lokt top without a terminal: the table once, as text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "mount.h"
#include "refusal.h"
#include "say.h"
#include "top/names.h"
#include "top/top.h"

/* Prints a row of cells, without blanks at its end. */
static void line_print(const struct grid *grid, const struct cells *cells)
{
	size_t owed = 0;

	for (size_t i = 0; i < grid->count; i++) {
		const char *text = cells ? cells->text[i] : grid->columns[i].head;
		size_t pad = grid->width[i] - text_width(text);

		printf("%*s%s", (int)(owed + (grid->columns[i].right ? pad : 0)), "", text);
		owed = grid->gap + (grid->columns[i].right ? 0 : pad);
	}
	putchar('\n');
}

static void table_lay(const struct rows *rows, struct grid *grid)
{
	struct cells cells;

	grid_begin(grid, SIZE_MAX);
	for (size_t i = 0; i < rows->count; i++) {
		names_cells(&cells, &rows->all[i]);
		grid_want(grid, &cells);
	}
	grid_fit(grid);
}

int snapshot_print(const struct mount *mount)
{
	struct grid grid = {.columns = names_columns, .count = NAMES_COLUMNS};
	cJSON *status = mount_status(mount, NULL);
	struct rows rows = {0};
	char text[REFUSAL_TEXT];
	struct cells cells;

	if (!status)
		return refusal_say(mount, DEED_READ, "status", errno, 0);
	if (!rows_set(&rows, status, "", ORDER_NAME))
		return refusal_say(mount, DEED_READ, "status", ENOMEM, 0);
	if (rows.frozen_all) {
		freeze_spell(text, rows.frozen_all, false);
		printf("the whole mount is %s\n", text);
	}
	table_lay(&rows, &grid);
	line_print(&grid, NULL);
	for (size_t i = 0; i < rows.count; i++) {
		names_cells(&cells, &rows.all[i]);
		line_print(&grid, &cells);
	}
	rows_finish(&rows);
	return CODE_OK;
}
