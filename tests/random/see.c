/* See picture.h. */
#include <stdlib.h>
#include <string.h>

#include "picture.h"

const char *json_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));

	return text ? text : "?";
}

double json_number(const cJSON *object, const char *key)
{
	const cJSON *number = cJSON_GetObjectItem(object, key);

	return cJSON_IsNumber(number) ? number->valuedouble : -1;
}

static void hold_see(char *picture, const cJSON *hold)
{
	const cJSON *name, *names = cJSON_GetObjectItem(hold, "names");
	char mark = '[';

	picture_add(picture, " %s uid %.0f pid %.0f %s", json_text(hold, "owner"),
		json_number(hold, "uid"), json_number(hold, "pid"), json_text(hold, "mode"));
	if (!names)
		return;
	picture_add(picture, " ");
	cJSON_ArrayForEach(name, names)
	{
		picture_add(picture, "%c%s", mark, cJSON_GetStringValue(name));
		mark = '+';
	}
	picture_add(picture, "]");
}

static void grant_see(char *picture, const cJSON *hold)
{
	picture_add(picture, " token %.0f ttl ", json_number(hold, "token"));
	if (cJSON_IsNull(cJSON_GetObjectItem(hold, "ttl_ms")))
		picture_add(picture, "none");
	else
		picture_add(picture, "%.0f", json_number(hold, "ttl_ms"));
}

void name_see(char *picture, const cJSON *lock)
{
	const cJSON *item, *holders = cJSON_GetObjectItem(lock, "holders"),
			   *waiters = cJSON_GetObjectItem(lock, "waiters"),
			   *freeze = cJSON_GetObjectItem(lock, "freeze");
	const char *name = json_text(lock, "name");
	int position = 0;

	picture_add(picture, "%s %s\n", name, json_text(lock, "state"));
	cJSON_ArrayForEach(item, holders)
	{
		picture_add(picture, "  %s %s by", json_text(item, "kind"),
			json_text(item, "pid_status"));
		hold_see(picture, item);
		grant_see(picture, item);
		picture_add(picture, " renewals %.0f\n", json_number(item, "renewals"));
	}
	cJSON_ArrayForEach(item, waiters)
	{
		picture_add(picture,
			json_number(item, "position") == ++position ? "  waits" : "  misplaced");
		hold_see(picture, item);
		picture_add(picture, "\n");
	}
	if (cJSON_IsObject(freeze))
		picture_add(picture, "  frozen%s\n",
			strcmp(json_text(freeze, "name"), name) ? " with all" : "");
}

bool is_unused(const cJSON *lock)
{
	const cJSON *freeze = cJSON_GetObjectItem(lock, "freeze");

	return cJSON_GetArraySize(cJSON_GetObjectItem(lock, "holders")) == 0 &&
		cJSON_GetArraySize(cJSON_GetObjectItem(lock, "waiters")) == 0 &&
		(cJSON_IsNull(freeze) || strcmp(json_text(freeze, "name"), "@all") == 0);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(json_text(*(cJSON *const *)a, "name"), json_text(*(cJSON *const *)b, "name"));
}

void freezes_see(char *picture, const cJSON *status)
{
	const cJSON *freeze, *sorted[NAMES + 2];
	size_t count = 0;

	cJSON_ArrayForEach(freeze, cJSON_GetObjectItem(status, "freezes")) if (count < NAMES + 2)
		sorted[count++] = freeze;
	qsort(sorted, count, sizeof(sorted[0]), by_name);
	for (size_t i = 0; i < count; i++)
		picture_add(picture, "freeze %s by %s uid %.0f pid %.0f ttl %.0f\n",
			json_text(sorted[i], "name"), json_text(sorted[i], "owner"),
			json_number(sorted[i], "uid"), json_number(sorted[i], "pid"),
			json_number(sorted[i], "ttl_ms"));
}

void line_see(char *picture, const cJSON *line)
{
	if (cJSON_GetObjectItem(line, "name"))
		picture_add(picture, "%s", json_text(line, "name"));
	hold_see(picture, line);
	grant_see(picture, line);
	picture_add(picture, " %s", json_text(line, "state"));
}

void totals_see(char *picture, const cJSON *totals)
{
	picture_add(picture, "in all %.0f holders, %.0f leases, %.0f freezes\n",
		json_number(totals, "holders"), json_number(totals, "leases"),
		json_number(totals, "freezes"));
}
