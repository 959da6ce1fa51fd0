/* The two tables of lokt top, as texts: the names, and the people of one name. */
#ifndef TOOLS_TOP_NAMES_H
#define TOOLS_TOP_NAMES_H

#include "top/grid.h"
#include "top/rows.h"

enum names_column {
	NAMES_NAME,
	NAMES_STATE,
	NAMES_HOLDER,
	NAMES_PID,
	NAMES_AGE,
	NAMES_TTL,
	NAMES_WAIT,
	NAMES_LONGEST,
	NAMES_THAW,
	NAMES_COLUMNS
};

enum people_column {
	PEOPLE_ROLE,
	PEOPLE_OWNER,
	PEOPLE_PID,
	PEOPLE_FOR,
	PEOPLE_LEFT,
	PEOPLE_TOKEN,
	PEOPLE_MODE,
	PEOPLE_STATUS,
	PEOPLE_UID,
	PEOPLE_COLUMNS
};

extern const struct column names_columns[NAMES_COLUMNS];
extern const struct column people_columns[PEOPLE_COLUMNS];

/* The cells of a row of the first, and of a holder or waiter in the second. */
void names_cells(struct cells *cells, const struct row *row);
void people_cells(struct cells *cells, const cJSON *person);

#endif
