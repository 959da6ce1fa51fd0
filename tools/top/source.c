/* See source.h. */
#include "top/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "freeze.h"
#include "hold.h"
#include "json.h"
#include "lines.h"
#include "mount.h"
#include "top/feed.h"
#include "when.h"

#define REST_MS 250        /* between two looks while something changes */
#define REST_MOST_MS 2000  /* the same when a look takes long */
#define IDLE_MS 1000       /* between two looks while nothing does */
#define SHARE 10           /* between those it rests so many times as long as a look takes */
#define BEHIND (64 * 1024) /* bytes of events that are read in sequence, and not skipped */
#define RECENT (32 * 1024) /* how far before the end reading begins */
#define BATCH 400          /* events that are passed on at once */
#define NEVER INT64_MAX

struct source {
	const struct mount *mount;
	FILE *news;
	int asks, audit;
	struct lines asked;  /* from `asks` */
	struct lines events; /* from `audit` */
	bool partial;        /* the next line of `audit` lacks its beginning */
	bool paused;
	bool changed;      /* since the last look */
	bool ready;        /* for another status */
	int64_t looked_ms; /* when the last look began */
	int64_t rest_ms;   /* how long to leave the mount alone after it */
	int64_t heard_ms;  /* when `audit` was last read */
};

/* Writes one line of news. False: nobody listens any more. */
static bool tell(const struct source *source, enum news kind, const char *text)
{
	putc(kind, source->news);
	fwrite(text, 1, strcspn(text, "\n"), source->news);
	putc('\n', source->news);
	return !ferror(source->news);
}

static bool tell_end(const struct source *source, int err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", err == ENOENT ? ENOTCONN : err); /* unmounted already */
	tell(source, NEWS_END, text);
	fflush(source->news);
	return false;
}

/* Reads the status and whether the log can be written, and passes both on. */
static bool look(struct source *source)
{
	static const char line[] = "\nlokt_log_writable ";
	char path[PATH_MAX], *text = NULL, *at;
	bool on;

	source->looked_ms = when_ms();
	source->changed = source->ready = false;
	source->rest_ms = NEVER;
	if (mount_path(source->mount, "", "status.json", path) != 0 || !(text = json_slurp(path)))
		return tell_end(source, errno);
	on = tell(source, NEWS_STATUS, text);
	free(text);
	text = mount_path(source->mount, "", "metrics", path) == 0 ? json_slurp(path) : NULL;
	at = text ? strstr(text, line) : NULL;
	if (at && on)
		on = tell(source, NEWS_WRITABLE, at[sizeof(line) - 1] == '0' ? "0" : "1");
	free(text);
	return on;
}

/* Goes on reading near the end when there is too much before it. */
static void events_skip(struct source *source)
{
	off_t at = lseek(source->audit, 0, SEEK_CUR), end = lseek(source->audit, 0, SEEK_END);

	if (at < 0 || end < 0)
		return;
	if (end - at > BEHIND) {
		at = end - RECENT;
		lines_finish(&source->events);
		lines_init(&source->events, source->audit);
		source->partial = true;
	}
	lseek(source->audit, at, SEEK_SET);
}

static bool hear(struct source *source)
{
	char *line;
	size_t len;

	events_skip(source);
	source->changed = true;
	source->heard_ms = when_ms();
	for (int i = 0; i < BATCH; i++) {
		int more = lines_next(&source->events, &line, &len);

		if (more <= 0)
			return more == 0 || tell_end(source, errno);
		if (!source->partial && !tell(source, NEWS_EVENT, line))
			return false;
		source->partial = false;
	}
	return true;
}

/* Does what a line asks for; what came of it is told after the status that shows it. */
static bool obey(struct source *source, const char *line)
{
	char verb[16], name[SOURCE_LINE], text[SOURCE_LINE * 2];
	int64_t number;
	int err = EINVAL;

	if (strcmp(line, "ready") == 0) {
		int64_t rest = (when_ms() - source->looked_ms) * SHARE;

		source->ready = true;
		source->rest_ms = rest < REST_MS ? REST_MS
			: rest > REST_MOST_MS    ? REST_MOST_MS
						 : rest;
		return true;
	}
	if (strcmp(line, "pause") == 0 || strcmp(line, "resume") == 0) {
		source->paused = strcmp(line, "pause") == 0;
		return true;
	}
	if (sscanf(line, "%15s %" SCNd64 " %511s", verb, &number, name) != 3)
		return true;
	if (strcmp(verb, "break") == 0)
		err = hold_break(source->mount, name, (uint64_t)number);
	else if (strcmp(verb, "freeze") == 0)
		err = freeze_write(source->mount, name, number);
	else if (strcmp(verb, "unfreeze") == 0)
		err = freeze_lift(source->mount, name);
	snprintf(text, sizeof(text), "%d %s", err, line);
	return look(source) && tell(source, NEWS_DONE, text);
}

/* Reads what is asked. */
static bool listen_to(struct source *source)
{
	char *line;
	size_t len;
	int more;

	while ((more = lines_next(&source->asked, &line, &len)) > 0)
		if (!obey(source, line))
			return false;
	return more == 0;
}

/* When to look again; NEVER while a request must come first. */
static int64_t look_due(const struct source *source)
{
	int64_t rest = source->changed || source->rest_ms > IDLE_MS ? source->rest_ms : IDLE_MS;

	return source->paused || !source->ready ? NEVER : source->looked_ms + rest;
}

static bool step(struct source *source)
{
	int64_t now = when_ms(), due = look_due(source), calm = source->heard_ms + REST_MS;
	struct pollfd ends[2] = {{source->asks, POLLIN, 0}, {source->audit, POLLIN, 0}};

	if (now >= due) {
		if (!look(source))
			return false;
		due = NEVER;
	}
	if (source->paused || now < calm)
		ends[1].fd = -1;
	if (!source->paused && now < calm && calm < due)
		due = calm;
	if (fflush(source->news) != 0)
		return false;
	if (poll(ends, 2, due == NEVER ? -1 : (int)(due - now)) < 0 && errno != EINTR)
		return false;
	if (ends[0].revents & (POLLHUP | POLLERR))
		return false;
	if ((ends[0].revents & POLLIN) && !listen_to(source))
		return false;
	return ends[1].revents == 0 || hear(source);
}

void source_run(const struct mount *mount, int news, int asks)
{
	struct source source = {.mount = mount,
		.news = fdopen(news, "w"),
		.asks = asks,
		.audit = -1,
		.ready = true,
		.changed = true,
		.heard_ms = when_ms() - REST_MS};
	char path[PATH_MAX];

	signal(SIGPIPE, SIG_IGN);
	if (!source.news)
		return;
	if (mount_path(mount, "", "audit", path) == 0)
		source.audit = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (source.audit < 0) {
		tell_end(&source, errno);
		return;
	}
	lines_init(&source.asked, asks);
	lines_init(&source.events, source.audit);
	while (step(&source))
		continue;
}
