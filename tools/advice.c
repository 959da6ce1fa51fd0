/* See advice.h. */
#include "advice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "lease.h"

/* Adds a line: `does` as it is, the command from the format. */
static void advice_add(struct advice *advice, const char *does, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void advice_add(struct advice *advice, const char *does, const char *format, ...)
{
	va_list args;

	if (advice->count == ADVICE_MAX)
		return;
	va_start(args, format);
	vsnprintf(advice->lines[advice->count].command, sizeof(advice->lines[0].command), format,
		args);
	va_end(args);
	snprintf(advice->lines[advice->count].does, sizeof(advice->lines[0].does), "%s", does);
	advice->count++;
}

static bool is_caller(const cJSON *object)
{
	return json_int(object, "uid", -1) == (int64_t)getuid();
}

static int list_count(const cJSON *object, const char *key)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* What gets the lock at once although it is held: a share of it, or a slot. */
static void share_advise(struct advice *advice, const cJSON *status, const char *name)
{
	const cJSON *holder = json_object(status, "holder");
	int64_t slots = json_int(holder, "slots", 1);

	if (!holder || json_object(status, "freeze") || list_count(status, "waiters") > 0)
		return;
	if (strcmp(json_text(holder, "mode"), "shared") == 0)
		advice_add(advice, "shares it with its holders, now",
			"lokt guard %s --shared -- COMMAND", name);
	if (slots > list_count(status, "holders"))
		advice_add(advice, "takes a slot that is free, now",
			"lokt guard %s --slots %" PRId64 " -- COMMAND", name, slots);
}

static void break_advise(struct advice *advice, const cJSON *status, const char *name, bool owner)
{
	const cJSON *holder = json_object(status, "holder");
	const char *label = json_text(holder, "owner");

	if (lease_mine(holder, ""))
		advice_add(advice, "gives your lease back", "lokt unlock %s", name);
	else if (lease_mine(holder, NULL))
		advice_add(
			advice, "gives your lease back", "lokt unlock %s --owner %s", name, label);
	else if (holder && (owner || is_caller(holder)))
		advice_add(advice, "breaks it: for when its holder is beyond help",
			"lokt unlock %s --force", name);
}

static void thaw_advise(struct advice *advice, const cJSON *status, bool owner)
{
	const cJSON *freeze = json_object(status, "freeze"),
		    *holder = json_object(status, "holder");

	if (freeze && (owner || is_caller(freeze) || (holder && is_caller(holder))))
		advice_add(
			advice, "lifts the freeze", "lokt unfreeze %s", json_text(freeze, "name"));
}

void advice_find(struct advice *advice, const cJSON *status, bool owner)
{
	const char *name = json_text(status, "name");
	bool frozen = json_object(status, "freeze"), held = json_object(status, "holder");
	int64_t slots = json_int(json_object(status, "holder"), "slots", 1);
	char same[32] = "";

	*advice = (struct advice){0};
	if (slots > 1)
		snprintf(same, sizeof(same), " --slots %" PRId64, slots);
	share_advise(advice, status, name);
	if (frozen)
		advice_add(advice, "waits, for the thaw too (with --timeout DUR not longer)",
			"lokt guard %s%s --wait -- COMMAND", name, same);
	else if (held || list_count(status, "waiters") > 0)
		advice_add(advice, "waits for its turn (with --timeout DUR not longer)",
			"lokt guard %s%s -- COMMAND", name, same);
	else
		advice_add(
			advice, "takes it and runs the command", "lokt guard %s -- COMMAND", name);
	if (!held && !frozen)
		return;
	advice_add(advice, "shows what happens to it", "lokt audit --tail --name %s", name);
	break_advise(advice, status, name, owner);
	thaw_advise(advice, status, owner);
}
