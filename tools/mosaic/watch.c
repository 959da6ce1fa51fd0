/* See watch.h. */
#include "mosaic/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/mosaic.h"
#include "when.h"

void watch_open(struct watch *watch, const struct mosaic *mosaic)
{
	char path[PATH_MAX];

	*watch = (struct watch){.mosaic = mosaic, .audit = -1, .polled_ms = -WATCH_POLL_MS};
	if (mosaic_locked(mosaic) && mount_path(&mosaic->mount, "", "audit", path) == 0)
		watch->audit = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (watch->audit >= 0)
		lseek(watch->audit, 0, SEEK_END);
	lines_init(&watch->lines, watch->audit);
}

void watch_close(struct watch *watch)
{
	lines_finish(&watch->lines);
	if (watch->audit >= 0)
		close(watch->audit);
	watch->audit = -1;
}

/* Whether the line is one of the many that a working lock writes and nobody needs to see. Looked
 * at without parsing: there are hundreds a second. */
static bool line_is_routine(const char *line)
{
	return strstr(line, "\"event\":\"acquire\"") || strstr(line, "\"event\":\"release\"");
}

/* Whether the event is one of a kind that comes by the dozen, and `happening` is of them too. */
static bool happening_repeats(
	const struct happening *happening, const char *kind, const char *reason)
{
	return (strcmp(kind, "renew") == 0 || strcmp(kind, "deny") == 0) &&
		strcmp(happening->kind, kind) == 0 && strcmp(happening->reason, reason) == 0;
}

/* The place for an event, moved to the front: the one that it repeats, lest such push out all the
 * others; else the oldest, emptied. */
static struct happening *watch_place(struct watch *watch, const char *kind, const char *reason)
{
	struct happening kept = {0};
	size_t at = 0;

	while (at < WATCH_EVENTS - 1 && !happening_repeats(&watch->last[at], kind, reason))
		at++;
	if (happening_repeats(&watch->last[at], kind, reason))
		kept = watch->last[at];
	memmove(&watch->last[1], &watch->last[0], at * sizeof(kept));
	watch->last[0] = kept;
	return &watch->last[0];
}

/* The words of an event that fit beside a picture. */
static void event_shorten(char out[EVENT_TEXT], const cJSON *event)
{
	const char *reason = json_text(event, "reason");
	int64_t signal = json_int(event, "signal", 0), ttl = json_int(event, "ttl_ms", -1);
	int64_t pid = json_int(event, "pid", 0);
	char number[48] = "", time[WHEN_TEXT + 8] = "ttl ";

	if (signal)
		snprintf(number, sizeof(number), " by signal %d", (int)signal);
	if (ttl >= 0 && !*reason)
		when_spell(time + 4, ttl);
	else
		*time = '\0';
	snprintf(out, EVENT_TEXT, "%.40s%s%s%spid %d", reason, number, time,
		*reason || *time ? ", " : "", (int)pid);
}

static void watch_line(struct watch *watch, const char *line)
{
	cJSON *event = line_is_routine(line) ? NULL : json_parse(line);
	const char *ts = event ? json_text(event, "ts") : "";

	if (event &&
		(event_concerns(event, watch->mosaic->name) || event_concerns(event, "@all"))) {
		const char *kind = json_text(event, "event"), *reason = json_text(event, "reason");
		struct happening *happening = watch_place(watch, kind, reason);

		snprintf(happening->kind, sizeof(happening->kind), "%s", kind);
		snprintf(happening->reason, sizeof(happening->reason), "%s", reason);
		snprintf(happening->time, sizeof(happening->time), "%.8s",
			strlen(ts) > 11 ? ts + 11 : ts);
		event_shorten(happening->text, event);
		happening->count += (uint64_t)json_int(event, "count", 1);
	}
	cJSON_Delete(event);
}

static void watch_status(struct watch *watch)
{
	cJSON *status = mount_status(&watch->mosaic->mount, watch->mosaic->name);
	const cJSON *holder = json_object(status, "holder"),
		    *freeze = json_object(status, "freeze");

	watch->holder[0] = watch->freeze[0] = '\0';
	if (holder)
		holder_spell(watch->holder, holder);
	if (freeze)
		freeze_spell(watch->freeze, freeze, true);
	watch->freeze_ms = json_int(freeze, "remaining_ms", 0);
	watch->waiting =
		(uint64_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "waiters"));
	cJSON_Delete(status);
}

void watch_pull(struct watch *watch)
{
	int64_t now = when_ms();
	char *line;
	size_t len;

	if (!mosaic_locked(watch->mosaic))
		return;
	while (watch->audit >= 0 && lines_next(&watch->lines, &line, &len) > 0)
		watch_line(watch, line);
	if (now - watch->polled_ms < WATCH_POLL_MS)
		return;
	watch->polled_ms = now;
	watch_status(watch);
}

pid_t watch_holder(const struct watch *watch)
{
	cJSON *status = mosaic_locked(watch->mosaic)
		? mount_status(&watch->mosaic->mount, watch->mosaic->name)
		: NULL;
	pid_t pid = (pid_t)json_int(json_object(status, "holder"), "pid", 0);

	cJSON_Delete(status);
	return pid;
}
