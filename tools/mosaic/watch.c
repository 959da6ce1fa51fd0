/* See watch.h. */
#include "mosaic/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/mosaic.h"
#include "when.h"

#define SHARE 20 /* between two looks at the status it rests so many times as long as one takes */

void watch_open(struct watch *watch, const struct mosaic *mosaic)
{
	*watch = (struct watch){.mosaic = mosaic};
	tail_open(&watch->tail, mosaic);
}

void watch_close(struct watch *watch)
{
	tail_close(&watch->tail);
}

/* ---- the events ---- */

/* Whether the line is one of the many that a working lock writes and nobody needs to see. Looked
 * at without parsing: there are hundreds a second. */
static bool line_is_routine(const char *line)
{
	return strstr(line, "\"event\":\"acquire\"") || strstr(line, "\"event\":\"release\"");
}

/* The place for an event: that of the last one of its kind, where that is, lest the lines dance;
 * else the foremost, emptied, and the one that has been still for longest goes. */
static struct happening *watch_place(struct watch *watch, const char *kind, const char *reason)
{
	struct happening *last = watch->sight.last;
	size_t oldest = 0;

	for (size_t i = 0; i < WATCH_EVENTS; i++) {
		if (strcmp(last[i].kind, kind) == 0 && strcmp(last[i].reason, reason) == 0)
			return &last[i];
		if (last[i].number < last[oldest].number)
			oldest = i;
	}
	memmove(&last[1], &last[0], oldest * sizeof(last[0]));
	last[0] = (struct happening){0};
	return &last[0];
}

/* The words of an event that fit beside a picture: "deny frozen", "freeze 10 s". */
static void event_shorten(struct happening *happening, const cJSON *event)
{
	int64_t ttl = json_int(event, "ttl_ms", -1);
	char time[WHEN_TEXT] = "";

	if (ttl >= 0 && !*happening->reason)
		when_spell(time, ttl);
	snprintf(happening->text, sizeof(happening->text), "%s %s%s", happening->kind,
		happening->reason, time);
	happening->pid = (pid_t)json_int(event, "pid", 0);
}

static void watch_line(struct watch *watch, const char *line)
{
	cJSON *event = line_is_routine(line) ? NULL : json_parse(line);
	const char *ts = event ? json_text(event, "ts") : "";

	if (event && mosaic_concerned(watch->mosaic, event)) {
		const char *kind = json_text(event, "event"), *reason = json_text(event, "reason");
		char stored[2][sizeof(watch->sight.last->kind)];
		struct happening *happening;

		snprintf(stored[0], sizeof(stored[0]), "%s", kind);
		snprintf(stored[1], sizeof(stored[1]), "%s", reason);
		happening = watch_place(watch, stored[0], stored[1]);
		memcpy(happening->kind, stored[0], sizeof(happening->kind));
		memcpy(happening->reason, stored[1], sizeof(happening->reason));
		snprintf(happening->time, sizeof(happening->time), "%.8s",
			strlen(ts) > 11 ? ts + 11 : ts);
		event_shorten(happening, event);
		happening->count += (uint64_t)json_int(event, "count", 1);
		happening->number = ++watch->events;
	}
	cJSON_Delete(event);
}

/* ---- the status ---- */

/* Takes the waiters out of the text of a status, which are most of it: thousands. How many those
 * were. What is left is a status without any. */
static uint64_t waiters_cut(char *text)
{
	static const char list[] = "\"waiters\":[", one[] = "\"position\":";
	char *from = strstr(text, list), *to = from ? strrchr(from, ']') : NULL;
	uint64_t count = 0;

	if (!to)
		return 0;
	*to = '\0';
	from += strlen(list);
	for (const char *at = from; (at = strstr(at, one)); at += strlen(one))
		count++;
	*to = ']';
	memmove(from, to, strlen(to) + 1);
	return count;
}

static void status_take(struct sight *sight, const cJSON *status)
{
	const cJSON *holder = json_object(status, "holder"),
		    *freeze = json_object(status, "freeze");

	sight->held = holder;
	snprintf(sight->owner, sizeof(sight->owner), "%s", json_text(holder, "owner"));
	sight->pid = (pid_t)json_int(holder, "pid", 0);
	sight->left_ms = json_int(holder, "remaining_ms", -1);
	sight->frozen = freeze;
	sight->frozen_all = strcmp(json_text(freeze, "name"), "@all") == 0;
	snprintf(sight->freezer, sizeof(sight->freezer), "%s", json_text(freeze, "owner"));
	sight->thaw_ms = json_int(freeze, "remaining_ms", 0);
}

static void watch_status(struct watch *watch)
{
	const struct mosaic *mosaic = watch->mosaic;
	struct sight *sight = &watch->sight;
	char path[PATH_MAX], *text = NULL;
	cJSON *status = NULL;

	errno = ENAMETOOLONG;
	if (mount_status_path(&mosaic->mount, mosaic->name, path) == 0)
		text = json_slurp(path);
	if (text) {
		errno = EBADMSG;
		sight->waiting = waiters_cut(text);
		status = json_parse(text);
	}
	sight->error = status ? 0 : errno;
	if (status) {
		sight->seen_ms = when_ms();
		status_take(sight, status);
	}
	cJSON_Delete(status);
	free(text);
}

void watch_pull(struct watch *watch)
{
	int64_t now = when_ms(), rest;
	char *line;

	if (!mosaic_locked(watch->mosaic))
		return;
	while ((line = tail_next(&watch->tail)))
		watch_line(watch, line);
	if (now < watch->due_ms)
		return;
	watch_status(watch);
	rest = (when_ms() - now) * SHARE;
	watch->due_ms = now + (rest > WATCH_POLL_MS ? rest : WATCH_POLL_MS);
}

int64_t sight_left_ms(const struct sight *sight, int64_t ms)
{
	int64_t left = ms - (when_ms() - sight->seen_ms);

	return left > 0 ? left : 0;
}
