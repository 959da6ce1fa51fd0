/* lokt status: who holds, who waits, what is frozen. */
#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "json.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "table.h"
#include "when.h"

#define BOLD "1"
#define DIM "2"
#define RED "31"
#define GREEN "32"
#define YELLOW "33"
#define CYAN "36"

/* Puts a number of milliseconds into a cell; a dash where there is none. */
static void cell_time(struct table *table, size_t column, const cJSON *object, const char *key)
{
	int64_t ms = json_int(object, key, -1);
	char text[WHEN_TEXT];

	when_spell(text, ms);
	table_cell(table, column, ms < 0 ? "-" : text, ms < 0 ? DIM : NULL);
}

static void cell_number(struct table *table, size_t column, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	table_cell(table, column, number > 0 ? text : "-", number > 0 ? NULL : DIM);
}

/* Puts a holder's or waiter's process into a cell: of an orphan, who still has it. A lease has none. */
static void cell_process(struct table *table, size_t column, const cJSON *item, const char *word)
{
	const bool orphan = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "orphan"));
	const int64_t pid = json_int(item, orphan ? "kept_by" : "pid", 0);
	char text[48] = "-";

	if (strcmp(json_text(item, "kind"), "lease") == 0)
		strcpy(text, "lease");
	else if (pid > 0)
		snprintf(text, sizeof(text), "%s%" PRId64 "%s", word, pid,
			orphan ? " (orphan)" : "");
	else if (orphan)
		strcpy(text, "orphan");
	table_cell(table, column, text, *text == '-' ? DIM : NULL);
}

static const char *state_style(const char *state)
{
	return strcmp(state, "held") == 0 ? YELLOW : strcmp(state, "frozen") == 0 ? CYAN : GREEN;
}

static int list_count(const cJSON *object, const char *key)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* One line for a lock; more below it when several hold. */
static void lock_row(struct table *table, const cJSON *lock)
{
	const cJSON *holder = cJSON_GetObjectItemCaseSensitive(lock, "holders"), *freeze;
	const char *state = json_text(lock, "state");

	holder = holder ? holder->child : NULL;
	freeze = json_object(lock, "freeze");
	for (bool first = true; first || holder; first = false) {
		table_row(table);
		table_cell(table, 0, first ? json_text(lock, "name") : "", BOLD);
		table_cell(table, 1, first ? state : "", state_style(state));
		table_cell(
			table, 2, holder ? json_text(holder, "owner") : "-", holder ? NULL : DIM);
		cell_process(table, 3, holder, "");
		cell_time(table, 4, holder, "age_ms");
		cell_time(table, 5, holder, "remaining_ms");
		cell_number(table, 6, first ? list_count(lock, "waiters") : 0);
		if (first)
			cell_time(table, 7, freeze, "remaining_ms");
		holder = holder ? holder->next : NULL;
	}
}

static void all_print(const cJSON *status)
{
	static const char *const heads[] = {
		"NAME", "STATE", "OWNER", "PID", "HELD FOR", "EXPIRES IN", "WAITING", "THAWS IN"};
	bool colour = say_colour(stdout), all = false;
	struct table table = {0};
	char text[REFUSAL_TEXT];
	const cJSON *item;

	table_row(&table);
	for (size_t i = 0; i < TABLE_COLUMNS; i++)
		table_cell(&table, i, heads[i], DIM);
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(status, "freezes"))
	{
		if (strcmp(json_text(item, "name"), "@all") != 0)
			continue;
		freeze_spell(text, item, false);
		printf("the whole mount is %s\n", text);
		all = true;
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(status, "locks"))
		lock_row(&table, item);
	if (table.rows > 1)
		table_print(&table, colour);
	else if (!all)
		puts("nothing is held, waited for or frozen");
	table_finish(&table);
}

/* All that is told of a holder in one cell: how it holds, by which grant, who and where it is. */
static void cell_grant(struct table *table, size_t column, const cJSON *holder)
{
	int64_t slots = json_int(holder, "slots", 1);
	char text[REFUSAL_TEXT], names[REFUSAL_TEXT], orphan[REFUSAL_TEXT];

	json_names(names, sizeof(names), holder);
	orphan_spell(orphan, holder);
	snprintf(text, sizeof(text), "%.32s", json_text(holder, "mode"));
	if (slots > 1)
		snprintf(text, sizeof(text), "one of %" PRId64 " slots", slots);
	text_add(text, sizeof(text), ", token %" PRId64 ", uid %" PRId64 " on %.64s",
		json_int(holder, "token", 0), json_int(holder, "uid", 0),
		json_text(holder, "host"));
	text_add(text, sizeof(text), "%s%s%s%s", *names ? ", as " : "", names, *orphan ? ", " : "",
		orphan);
	table_cell(table, column, text, DIM);
}

static void holder_rows(struct table *table, const cJSON *status)
{
	const cJSON *holder;
	char text[64];

	cJSON_ArrayForEach(holder, cJSON_GetObjectItemCaseSensitive(status, "holders"))
	{
		int64_t left = json_int(holder, "remaining_ms", -1);
		char age[WHEN_TEXT], expires[WHEN_TEXT];

		when_spell(age, json_int(holder, "age_ms", 0));
		when_spell(expires, left);
		table_row(table);
		table_cell(table, 0, "holder", DIM);
		table_cell(table, 1, json_text(holder, "owner"), BOLD);
		cell_process(table, 2, holder, "pid ");
		snprintf(text, sizeof(text), "for %s", age);
		table_cell(table, 3, text, NULL);
		snprintf(text, sizeof(text), "expires in %s", expires);
		table_cell(table, 4, left < 0 ? "does not expire" : text, left < 0 ? DIM : YELLOW);
		cell_grant(table, 5, holder);
	}
}

static void waiter_rows(struct table *table, const cJSON *status)
{
	char text[64], waited[WHEN_TEXT], names[REFUSAL_TEXT];
	const cJSON *waiter;

	cJSON_ArrayForEach(waiter, cJSON_GetObjectItemCaseSensitive(status, "waiters"))
	{
		table_row(table);
		snprintf(text, sizeof(text), "waiter %" PRId64, json_int(waiter, "position", 0));
		table_cell(table, 0, text, DIM);
		table_cell(table, 1, json_text(waiter, "owner"), NULL);
		cell_process(table, 2, waiter, "pid ");
		when_spell(waited, json_int(waiter, "waited_ms", 0));
		snprintf(text, sizeof(text), "for %s", waited);
		table_cell(table, 3, text, NULL);
		json_names(names, sizeof(names), waiter);
		if (*names || strcmp(json_text(waiter, "mode"), "exclusive") != 0)
			table_cell(table, 4, *names ? names : json_text(waiter, "mode"), DIM);
	}
}

static void one_print(const cJSON *status)
{
	const char *name = json_text(status, "name"), *state = json_text(status, "state");
	const cJSON *freeze = json_object(status, "freeze");
	bool colour = say_colour(stdout);
	struct table table = {0};
	char text[REFUSAL_TEXT];

	if (colour)
		printf("\033[" BOLD "m%s\033[0m is \033[%sm%s\033[0m\n", name, state_style(state),
			state);
	else
		printf("%s is %s\n", name, state);
	holder_rows(&table, status);
	waiter_rows(&table, status);
	table_print(&table, colour);
	table_finish(&table);
	if (freeze) {
		freeze_spell(text, freeze, true);
		printf(colour ? "\033[" CYAN "m%s\033[0m\n" : "%s\n", text);
	}
}

/* Copies the mount's JSON as it is. */
static int json_print(const struct mount *mount, const char *name)
{
	char path[PATH_MAX];
	int err = mount_status_path(mount, name, path);

	return err ? err : json_copy(path);
}

static int status_print(const struct mount *mount, const char *name)
{
	cJSON *status = mount_status(mount, name);

	if (!status)
		return errno;
	if (name)
		one_print(status);
	else
		all_print(status);
	cJSON_Delete(status);
	return 0;
}

int status_main(int argc, char **argv)
{
	const char *where = NULL, *name;
	bool json = false;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "the mount's own JSON, unchanged"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"status", "[NAME] [--json]",
		"Shows every lock that is held, waited for or frozen; or all about one, also one\n"
		"that nobody uses.\n",
		flags, 2};
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands > 1)
		return args_refuse(&args, "it takes one NAME at most");
	name = args.noperands ? args.operands[0] : NULL;
	if (name && !name_check(name))
		return CODE_USAGE;
	if (mount_find(&mount, where) < 0)
		return CODE_ERROR;
	err = json ? json_print(&mount, name) : status_print(&mount, name);
	return err ? refusal_say(&mount, DEED_READ, name ? name : "status", err, 0)
		   : say_end(CODE_OK);
}
