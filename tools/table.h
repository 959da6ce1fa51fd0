/* Rows of text in aligned columns, for a terminal. */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS 8

struct table {
	char **cells;        /* row by row, TABLE_COLUMNS each; owned; NULL is empty */
	const char **styles; /* as cells: SGR parameters, string constants; NULL is plain */
	size_t rows, room;
	bool failed; /* an allocation failed: what is here is not all of it */
};

void table_finish(struct table *table);

/* Begins a new row. */
void table_row(struct table *table);

/* Sets a cell of the last row, to a copy of `text` with the SGR parameters `style` (or NULL). */
void table_cell(struct table *table, size_t column, const char *text, const char *style);

/* Prints it to standard output, columns two blanks apart, with `colour` or without. */
void table_print(const struct table *table, bool colour);

#endif
