/* What the screen shows, fetched by a process of its own: a mount that hangs must not hang the keys.
 *
 * The process sleeps in poll(2) on `audit`; what comes there makes it read status.json, and without
 * anything it reads it once a second. It says what it found, and does what it is asked, in lines. */
#ifndef TOOLS_TOP_FEED_H
#define TOOLS_TOP_FEED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lines.h"

struct mount;

struct feed {
	pid_t pid;
	int news, asks;     /* from and to the process, non-blocking; -1: none */
	struct lines lines; /* of `news` */
};

/* What a line of the feed is about: its first byte. The rest of it is the text. */
enum news {
	NEWS_STATUS = 's',   /* status.json; feed_ready() asks for the next one */
	NEWS_EVENT = 'e',    /* a line of `audit` */
	NEWS_WRITABLE = 'w', /* "1" or "0": whether the log can be written */
	NEWS_DONE = 'd',     /* "ERRNO REQUEST": what came of one of those below */
	NEWS_END = 'x',      /* an errno: the mount is gone */
};

/* Starts the process. Returns 0, or -1 with errno set. */
int feed_open(struct feed *feed, const struct mount *mount);
void feed_close(struct feed *feed);

/* The next line, if there is one: returns its kind and sets `*text`, valid until the next call. 0:
 * none, yet or any more; poll(2) on `news` tells which. */
int feed_next(struct feed *feed, char **text);

/* The last status was dealt with: another may come, when there is reason. */
void feed_ready(struct feed *feed);

/* No news, or news again. */
void feed_pause(struct feed *feed, bool paused);

/* Asks for something to be done to `name`: "break TOKEN NAME", "freeze MS NAME", "unfreeze 0 NAME".
 * NEWS_DONE tells what came of it. */
void feed_break(struct feed *feed, const char *name, int64_t token);
void feed_freeze(struct feed *feed, const char *name, int64_t ttl_ms);
void feed_unfreeze(struct feed *feed, const char *name);

#endif
