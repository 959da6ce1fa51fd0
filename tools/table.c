/* See table.h. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_finish(struct table *table)
{
	for (size_t i = 0; i < table->rows * TABLE_COLUMNS; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->styles);
	*table = (struct table){0};
}

static bool table_grow(struct table *table)
{
	size_t room = table->room ? table->room * 2 : 16, width = TABLE_COLUMNS * sizeof(char *);
	char **cells = realloc(table->cells, room * width);
	const char **styles = cells ? realloc(table->styles, room * width) : NULL;

	if (cells)
		table->cells = cells;
	if (styles)
		table->styles = styles;
	if (!cells || !styles)
		return false;
	table->room = room;
	return true;
}

void table_row(struct table *table)
{
	if (table->failed || (table->rows == table->room && !table_grow(table))) {
		table->failed = true;
		return;
	}
	for (size_t i = 0; i < TABLE_COLUMNS; i++) {
		table->cells[table->rows * TABLE_COLUMNS + i] = NULL;
		table->styles[table->rows * TABLE_COLUMNS + i] = NULL;
	}
	table->rows++;
}

void table_cell(struct table *table, size_t column, const char *text, const char *style)
{
	size_t at = (table->rows - 1) * TABLE_COLUMNS + column;

	if (table->failed || table->rows == 0)
		return;
	free(table->cells[at]);
	table->cells[at] = strdup(text);
	table->styles[at] = style;
	if (!table->cells[at])
		table->failed = true;
}

/* Columns that `text` takes on a terminal: its characters, all of them one column wide. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; text && *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void row_print(const struct table *table, size_t row, const size_t widths[], bool colour)
{
	size_t last = TABLE_COLUMNS;

	while (last > 0 && !table->cells[row * TABLE_COLUMNS + last - 1])
		last--;
	for (size_t i = 0; i < last; i++) {
		const char *text = table->cells[row * TABLE_COLUMNS + i];
		const char *style = table->styles[row * TABLE_COLUMNS + i];
		size_t pad = i + 1 < last ? widths[i] - text_width(text) + 2 : 0;

		if (widths[i] == 0)
			continue;
		if (style && colour)
			printf("\033[%sm%s\033[0m", style, text ? text : "");
		else
			fputs(text ? text : "", stdout);
		printf("%*s", (int)pad, "");
	}
	putchar('\n');
}

void table_print(const struct table *table, bool colour)
{
	size_t widths[TABLE_COLUMNS] = {0};

	for (size_t i = 0; i < table->rows * TABLE_COLUMNS; i++) {
		size_t width = text_width(table->cells[i]);

		if (width > widths[i % TABLE_COLUMNS])
			widths[i % TABLE_COLUMNS] = width;
	}
	for (size_t row = 0; row < table->rows; row++)
		row_print(table, row, widths, colour);
}
