/* See event.h. */
#include "event.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "refusal.h"
#include "user.h"
#include "when.h"

bool event_concerns(const cJSON *event, const char *name)
{
	const cJSON *item;

	if (strcmp(json_text(event, "name"), name) == 0)
		return true;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(event, "names"))
	{
		if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
			return true;
	}
	return false;
}

bool event_ends(const char *kind)
{
	return strcmp(kind, "release") == 0 || strcmp(kind, "stale-break") == 0 ||
		strcmp(kind, "auto-prune") == 0 || strcmp(kind, "force-break") == 0;
}

/* Appends two blanks and the formatted text, cutting it at the end of the room. */
static void out_add(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void out_add(char *out, const char *format, ...)
{
	size_t len = strlen(out);
	va_list args;

	if (len && len + 3 < EVENT_TEXT) {
		memcpy(out + len, "  ", 3);
		len += 2;
	}
	va_start(args, format);
	vsnprintf(out + len, EVENT_TEXT - len, format, args);
	va_end(args);
}

static void names_add(char *out, const cJSON *event)
{
	char names[REFUSAL_TEXT];

	json_names(names, sizeof(names), event);
	if (*names)
		out_add(out, "%-16s", names);
}

static void time_add(char *out, const cJSON *event, const char *key, const char *word)
{
	int64_t ms = json_int(event, key, -1);
	char text[WHEN_TEXT];

	if (ms < 0)
		return;
	when_spell(text, ms);
	out_add(out, "%s %s", word, text);
}

static void number_add(char *out, const cJSON *event, const char *key, const char *word)
{
	int64_t number = json_int(event, key, -1);

	if (number >= 0)
		out_add(out, "%s %" PRId64, word, number);
}

void event_spell(char out[EVENT_TEXT], const cJSON *event)
{
	char cycle[REFUSAL_TEXT], user[USER_TEXT];

	*out = '\0';
	names_add(out, event);
	if (*json_text(event, "owner"))
		out_add(out, "%.128s", json_text(event, "owner"));
	number_add(out, event, "pid", "pid");
	number_add(out, event, "token", "token");
	if (*json_text(event, "reason"))
		out_add(out, "%.64s", json_text(event, "reason"));
	if (*json_text(event, "limit"))
		out_add(out, "%.64s", json_text(event, "limit"));
	number_add(out, event, "signal", "by signal");
	time_add(out, event, "waited_ms", "waited");
	time_add(out, event, "held_ms", "held");
	time_add(out, event, "ttl_ms", "ttl");
	if (json_int(event, "by_uid", -1) >= 0) {
		user_spell(user, json_int(event, "by_uid", -1));
		out_add(out, "by %s", user);
	}
	number_add(out, event, "by_pid", "by pid");
	if (json_int(event, "count", 1) != 1)
		number_add(out, event, "count", "times");
	if (strcmp(json_text(event, "mode"), "shared") == 0)
		out_add(out, "shared");
	if (strcmp(json_text(event, "kind"), "lease") == 0)
		out_add(out, "lease");
	if (cycle_spell(cycle, event))
		out_add(out, "%s", cycle);
	if (*json_text(event, "detail"))
		out_add(out, "%.128s", json_text(event, "detail"));
}

const char *event_colour(const char *kind)
{
	static const struct {
		const char *kind, *colour;
	} colours[] = {
		{"acquire", "\033[32m"},
		{"release", "\033[2m"},
		{"renew", "\033[36m"},
		{"deny", "\033[33m"},
		{"stale-break", "\033[31m"},
		{"auto-prune", "\033[31m"},
		{"force-break", "\033[31m"},
		{"corrupt-break", "\033[1;31m"},
		{"freeze", "\033[34m"},
		{"unfreeze", "\033[34m"},
		{"thaw", "\033[34m"},
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(kind, colours[i].kind) == 0)
			return colours[i].colour;
	return "";
}
