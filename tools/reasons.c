/* See reasons.h. */
#include "reasons.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "history.h"
#include "json.h"
#include "mount.h"
#include "process.h"
#include "refusal.h"
#include "user.h"
#include "when.h"

#define SHOWN 5 /* holders, and waiters, before "and N more" */

/* Keeps the denials and the end of the last hold; history_each(). */
static bool history_see(cJSON *event, void *data)
{
	struct reasons *reasons = data;
	const char *kind = json_text(event, "event");
	cJSON **place = NULL;

	if (!event_concerns(event, reasons->name))
		return false;
	if (strcmp(kind, "deny") == 0) {
		cJSON_Delete(reasons->denials[0]);
		memmove(reasons->denials, reasons->denials + 1,
			sizeof(reasons->denials) - sizeof(reasons->denials[0]));
		place = &reasons->denials[DENIALS - 1];
	} else if (event_ends(kind)) {
		cJSON_Delete(reasons->end);
		place = &reasons->end;
	}
	if (place)
		*place = event;
	return place != NULL;
}

static void command_add(cJSON *holder)
{
	char name[PROCESS_NAME];

	if (cJSON_IsObject(holder) && process_name(holder, name))
		cJSON_AddStringToObject(holder, "command", name);
}

int reasons_ask(struct reasons *reasons, const struct mount *mount, const char *name)
{
	char needle[160];
	struct stat st;
	cJSON *holder;

	*reasons = (struct reasons){.name = name, .status = mount_status(mount, name)};
	if (!reasons->status)
		return errno;
	command_add(cJSON_GetObjectItemCaseSensitive(reasons->status, "holder"));
	cJSON_ArrayForEach(holder, cJSON_GetObjectItemCaseSensitive(reasons->status, "holders"))
		command_add(holder);
	snprintf(needle, sizeof(needle), "\"%s\"", name);
	history_each(mount, needle, history_see, reasons);
	reasons->owner = getuid() == 0 || (stat(mount->root, &st) == 0 && st.st_uid == getuid());
	return 0;
}

void reasons_finish(struct reasons *reasons)
{
	cJSON_Delete(reasons->status);
	cJSON_Delete(reasons->end);
	for (int i = 0; i < DENIALS; i++)
		cJSON_Delete(reasons->denials[i]);
	*reasons = (struct reasons){0};
}

/* "ada (pid 4123: backup.sh)" */
static void who_print(const cJSON *item)
{
	int64_t pid = json_int(item, "pid", 0);
	const char *command = json_text(item, "command");

	printf("%s", json_text(item, "owner"));
	if (pid > 0)
		printf(" (pid %" PRId64 "%s%s)", pid, *command ? ": " : "", command);
}

/* Whether the caller is below this hold: guard tells its command the token. */
static bool is_above(const cJSON *holder)
{
	const char *token = getenv("LOKT_TOKEN");

	return token && strtoll(token, NULL, 10) == json_int(holder, "token", -1);
}

static void holder_print(const cJSON *holder)
{
	bool lease = strcmp(json_text(holder, "kind"), "lease") == 0;
	int64_t renewals = json_int(holder, "renewals", 0);
	const char *until = json_text(holder, "expires_at");
	char names[REFUSAL_TEXT], orphan[REFUSAL_TEXT];

	json_names(names, sizeof(names), holder);
	orphan_spell(orphan, holder);
	printf("  held    by ");
	who_print(holder);
	printf(" since %s%s%s", json_text(holder, "acquired_ts"), *until ? " until " : "", until);
	if (renewals > 0)
		printf(", renewed %" PRId64 " time%s", renewals, renewals == 1 ? "" : "s");
	if (strcmp(json_text(holder, "mode"), "shared") == 0)
		printf(", shared");
	if (*names)
		printf(", together as %s", names);
	if (lease)
		printf(", as a lease: it needs no process");
	else if (is_above(holder))
		printf("; it is the hold that this runs under");
	if (*orphan)
		printf("; %s", orphan);
	putchar('\n');
}

static void waiter_print(const cJSON *waiter)
{
	char text[WHEN_TEXT];

	when_spell(text, json_int(waiter, "waited_ms", 0));
	printf("  queue   %" PRId64 ". ", json_int(waiter, "position", 0));
	who_print(waiter);
	printf(" for %s%s\n", text,
		strcmp(json_text(waiter, "mode"), "shared") == 0 ? ", shared" : "");
}

static void list_print(const cJSON *status, const char *key, void (*print)(const cJSON *item))
{
	const cJSON *item, *list = cJSON_GetObjectItemCaseSensitive(status, key);
	int shown = 0;

	cJSON_ArrayForEach(item, list)
	{
		if (shown++ == SHOWN)
			break;
		print(item);
	}
	if (cJSON_GetArraySize(list) > SHOWN)
		printf("          and %d more\n", cJSON_GetArraySize(list) - SHOWN);
}

/* "12 s ago", of an event. */
static void ago_print(const cJSON *event)
{
	char text[WHEN_TEXT];

	when_spell(text, when_age_ms(json_text(event, "ts")));
	printf(" %s ago", text);
}

static void denial_print(const cJSON *event)
{
	int64_t count = json_int(event, "count", 1);
	char cycle[REFUSAL_TEXT];

	printf("  refused to ");
	who_print(event);
	ago_print(event);
	printf(": %s", json_text(event, "reason"));
	if (cycle_spell(cycle, event))
		printf(": %s", cycle);
	if (count > 1)
		printf(", %" PRId64 " times", count);
	putchar('\n');
}

static void end_print(const cJSON *event)
{
	const char *kind = json_text(event, "event"), *reason = json_text(event, "reason");
	int64_t signal = json_int(event, "signal", 0);
	char user[USER_TEXT];

	user_spell(user, json_int(event, "by_uid", -1));
	printf("  before  ");
	who_print(event);
	printf(" held it, until");
	ago_print(event);
	if (strcmp(kind, "stale-break") == 0)
		printf(": its TTL had passed");
	else if (strcmp(kind, "force-break") == 0)
		printf(": broken by %s", user);
	else if (signal > 0)
		printf(": killed by signal %" PRId64, signal);
	else if (*reason)
		printf(": %s", reason);
	putchar('\n');
}

void reasons_print(const struct reasons *reasons)
{
	const cJSON *freeze = json_object(reasons->status, "freeze");
	const char *state = json_text(reasons->status, "state");
	char text[REFUSAL_TEXT];

	if (freeze)
		freeze_spell(text, freeze, true);
	if (freeze && strcmp(state, "frozen") == 0)
		printf("%s is %s: nothing new may hold it until then\n", reasons->name, text);
	else if (obstacle_spell(text, reasons->status))
		printf("%s is %s\n", reasons->name, text);
	else
		printf("%s is free\n", reasons->name);
	if (freeze && strcmp(state, "frozen") != 0) {
		freeze_spell(text, freeze, true);
		printf("  and is  %s: nothing new may hold it until then\n", text);
	}
	list_print(reasons->status, "holders", holder_print);
	list_print(reasons->status, "waiters", waiter_print);
	for (int i = 0; i < DENIALS; i++)
		if (reasons->denials[i])
			denial_print(reasons->denials[i]);
	if (reasons->end && strcmp(state, "held") != 0)
		end_print(reasons->end);
}
