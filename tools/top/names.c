/* See names.h. */
#include "top/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

const struct column names_columns[NAMES_COLUMNS] = {
	[NAMES_NAME] = {"NAME", 10, .grows = true},
	[NAMES_STATE] = {"STATE", 9, .rank = 1},
	[NAMES_HOLDER] = {"HOLDER", 7, .grows = true, .rank = 2},
	[NAMES_PID] = {"PID", 7, .right = true, .rank = 6},
	[NAMES_AGE] = {"AGE", 6, .right = true, .rank = 3},
	[NAMES_TTL] = {"TTL", 6, .right = true, .rank = 5},
	[NAMES_WAIT] = {"WAIT", 4, .right = true, .rank = 4},
	[NAMES_LONGEST] = {"LONGEST", 7, .right = true, .rank = 8},
	[NAMES_THAW] = {"THAW", 6, .right = true, .rank = 7},
};

const struct column people_columns[PEOPLE_COLUMNS] = {
	[PEOPLE_ROLE] = {"", 6},
	[PEOPLE_OWNER] = {"OWNER", 8, .grows = true},
	[PEOPLE_PID] = {"PID", 7, .right = true, .rank = 1},
	[PEOPLE_FOR] = {"FOR", 6, .right = true, .rank = 2},
	[PEOPLE_LEFT] = {"TTL", 6, .right = true, .rank = 3},
	[PEOPLE_TOKEN] = {"TOKEN", 9, .right = true, .rank = 4},
	[PEOPLE_MODE] = {"MODE", 9, .grows = true, .rank = 5},
	[PEOPLE_STATUS] = {"PROCESS", 7, .rank = 6},
	[PEOPLE_UID] = {"UID", 6, .right = true, .rank = 7},
};

static void number_put(char *cell, int64_t number)
{
	if (number > 0)
		snprintf(cell, GRID_CELL, "%" PRId64, number);
	else
		strcpy(cell, "-");
}

/* A lease is of no process. */
static void pid_put(char *cell, const cJSON *person)
{
	bool lease = strcmp(json_text(person, "kind"), "lease") == 0;

	number_put(cell, lease ? 0 : json_int(person, "pid", 0));
}

void names_cells(struct cells *cells, const struct row *row)
{
	char(*text)[GRID_CELL] = cells->text;

	snprintf(text[NAMES_NAME], GRID_CELL, "%s", row->name);
	row_state(text[NAMES_STATE], row);
	snprintf(text[NAMES_HOLDER], GRID_CELL, "%s",
		row->holder ? json_text(row->holder, "owner") : "-");
	pid_put(text[NAMES_PID], row->holder);
	grid_time(text[NAMES_AGE], GRID_CELL, row->age_ms);
	grid_time(text[NAMES_TTL], GRID_CELL, json_int(row->holder, "remaining_ms", -1));
	number_put(text[NAMES_WAIT], (int64_t)row->waiters);
	grid_time(text[NAMES_LONGEST], GRID_CELL, row->longest_ms);
	grid_time(text[NAMES_THAW], GRID_CELL, json_int(row->freeze, "remaining_ms", -1));
}

/* "exclusive", "shared", "1 of 4", or of a group, all its names. */
static void mode_put(char *cell, const cJSON *person)
{
	const char *mode = json_text(person, "mode");
	int64_t slots = json_int(person, "slots", 1);
	char names[GRID_CELL / 2];

	json_names(names, sizeof(names), person);
	if (*names)
		snprintf(cell, GRID_CELL, "%s%s", strcmp(mode, "shared") == 0 ? "shared " : "",
			names);
	else if (slots > 1)
		snprintf(cell, GRID_CELL, "1 of %" PRId64, slots);
	else
		snprintf(cell, GRID_CELL, "%s", mode);
}

void people_cells(struct cells *cells, const cJSON *person)
{
	char(*text)[GRID_CELL] = cells->text;
	int64_t position = json_int(person, "position", 0);
	const char *status = json_text(person, "pid_status");

	if (position > 0)
		snprintf(text[PEOPLE_ROLE], GRID_CELL, "%" PRId64, position);
	else
		strcpy(text[PEOPLE_ROLE], "holds");
	snprintf(text[PEOPLE_OWNER], GRID_CELL, "%s", json_text(person, "owner"));
	pid_put(text[PEOPLE_PID], person);
	grid_time(text[PEOPLE_FOR], GRID_CELL,
		json_int(person, position > 0 ? "waited_ms" : "age_ms", -1));
	grid_time(text[PEOPLE_LEFT], GRID_CELL, json_int(person, "remaining_ms", -1));
	number_put(text[PEOPLE_TOKEN], json_int(person, "token", 0));
	mode_put(text[PEOPLE_MODE], person);
	snprintf(text[PEOPLE_STATUS], GRID_CELL, "%s", *status ? status : "-");
	snprintf(text[PEOPLE_UID], GRID_CELL, "%" PRId64, json_int(person, "uid", -1));
}
