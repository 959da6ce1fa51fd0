/* See rows.h. */
#include "top/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

void rows_finish(struct rows *rows)
{
	cJSON_Delete(rows->status);
	free(rows->all);
	*rows = (struct rows){0};
}

static const cJSON *list(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool person_passes(const cJSON *people, const char *filter)
{
	const cJSON *person;

	cJSON_ArrayForEach(person, people)
	{
		if (strcasestr(json_text(person, "owner"), filter))
			return true;
	}
	return false;
}

static bool lock_passes(const cJSON *lock, const char *filter)
{
	return !*filter || strcasestr(json_text(lock, "name"), filter) ||
		person_passes(list(lock, "holders"), filter) ||
		person_passes(list(lock, "waiters"), filter);
}

static struct row row_make(const cJSON *lock)
{
	const cJSON *holders = list(lock, "holders"), *waiter;
	struct row row = {
		.lock = lock,
		.name = json_text(lock, "name"),
		.holder = holders ? holders->child : NULL,
		.freeze = json_object(lock, "freeze"),
		.holders = (size_t)cJSON_GetArraySize(holders),
		.longest_ms = -1,
	};

	row.age_ms = json_int(row.holder, "age_ms", -1);
	cJSON_ArrayForEach(waiter, list(lock, "waiters"))
	{
		int64_t ms = json_int(waiter, "waited_ms", 0);

		row.waiters++;
		if (ms > row.longest_ms)
			row.longest_ms = ms;
	}
	return row;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

/* The longest held first. */
static int by_age(const void *a, const void *b)
{
	int64_t left = ((const struct row *)a)->age_ms, right = ((const struct row *)b)->age_ms;

	return left == right ? by_name(a, b) : left < right ? 1 : -1;
}

/* The most waited for first. */
static int by_waiters(const void *a, const void *b)
{
	size_t left = ((const struct row *)a)->waiters, right = ((const struct row *)b)->waiters;

	return left == right ? by_age(a, b) : left < right ? 1 : -1;
}

static const cJSON *freeze_of_all(const cJSON *status)
{
	const cJSON *freeze;

	cJSON_ArrayForEach(freeze, list(status, "freezes"))
	{
		if (strcmp(json_text(freeze, "name"), "@all") == 0)
			return freeze;
	}
	return NULL;
}

bool rows_again(struct rows *rows, const char *filter, enum order order)
{
	static int (*const orders[ORDERS])(const void *, const void *) = {
		by_name, by_age, by_waiters};
	const cJSON *locks = list(rows->status, "locks"), *lock;
	size_t room = (size_t)cJSON_GetArraySize(locks);
	struct row *all = realloc(rows->all, (room + 1) * sizeof(*all));

	if (!all)
		return false;
	rows->all = all;
	rows->names = room;
	rows->count = rows->held = rows->waited = rows->frozen = 0;
	rows->frozen_all = freeze_of_all(rows->status);
	cJSON_ArrayForEach(lock, locks)
	{
		struct row row = row_make(lock);

		rows->held += row.holders > 0;
		rows->waited += row.waiters > 0;
		rows->frozen += row.freeze != NULL;
		if (lock_passes(lock, filter))
			all[rows->count++] = row;
	}
	qsort(all, rows->count, sizeof(*all), orders[order]);
	return true;
}

bool rows_set(struct rows *rows, cJSON *status, const char *filter, enum order order)
{
	cJSON *before = rows->status;

	rows->status = status;
	if (rows_again(rows, filter, order)) {
		cJSON_Delete(before);
		return true;
	}
	rows->status = before;
	cJSON_Delete(status);
	return false;
}

void row_state(char out[ROW_STATE], const struct row *row)
{
	const cJSON *holder = row->holder;
	int64_t slots = json_int(holder, "slots", json_int(row->lock, "slots", 1));

	if (!holder)
		snprintf(out, ROW_STATE, "%s", row->freeze ? "frozen" : "waited");
	else if (slots > 1)
		snprintf(out, ROW_STATE, "slots %zu/%" PRId64, row->holders, slots);
	else if (strcmp(json_text(holder, "mode"), "shared") == 0)
		snprintf(out, ROW_STATE, "shared %s%zu", MB_CUR_MAX > 1 ? "×" : "x", row->holders);
	else if (strcmp(json_text(holder, "kind"), "lease") == 0)
		snprintf(out, ROW_STATE, "lease");
	else
		snprintf(out, ROW_STATE, "%s", list(holder, "names") ? "group" : "held");
}

void row_names(char out[ROW_NAMES], const struct row *row, const cJSON *person)
{
	json_names(out, ROW_NAMES, person);
	if (!*out)
		snprintf(out, ROW_NAMES, "%s", row->name);
}

void row_process(char out[ROW_PROCESS], const cJSON *person)
{
	int64_t pid = json_int(person, "pid", 0);

	if (strcmp(json_text(person, "kind"), "lease") == 0)
		snprintf(out, ROW_PROCESS, "lease");
	else if (pid > 0)
		snprintf(out, ROW_PROCESS, "pid %" PRId64, pid);
	else
		snprintf(out, ROW_PROCESS, "pid unknown");
}
