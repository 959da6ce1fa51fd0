/* The lock as the mount shows it while the mosaic is painted: holder, freeze, last events. */
#ifndef MOSAIC_WATCH_H
#define MOSAIC_WATCH_H

#include <stdint.h>
#include <sys/types.h>

#include "event.h"
#include "lines.h"
#include "refusal.h"

struct mosaic;

#define WATCH_EVENTS 5
#define WATCH_POLL_MS 250

struct happening {
	char kind[24], reason[24], time[16], text[EVENT_TEXT];
	uint64_t count; /* how many of these came, one after the other or like it */
};

struct watch {
	const struct mosaic *mosaic;
	int audit; /* owned; -1: there is none */
	struct lines lines;
	int64_t polled_ms;
	char holder[REFUSAL_TEXT]; /* in words; "" if nobody */
	char freeze[REFUSAL_TEXT]; /* in words; "" if not frozen */
	int64_t freeze_ms;         /* until the thaw */
	uint64_t waiting;
	struct happening last[WATCH_EVENTS]; /* the newest first */
};

/* Begins to watch; without a lock (--mode nolock) there is nothing to see. */
void watch_open(struct watch *watch, const struct mosaic *mosaic);
void watch_close(struct watch *watch);

/* Takes in new events, and four times a second the status. */
void watch_pull(struct watch *watch);

/* The process that holds the lock at this moment; 0 if none. */
pid_t watch_holder(const struct watch *watch);

#endif
