/* The lock as the mount shows it while the mosaic is painted: holder, freeze, last events. */
#ifndef MOSAIC_WATCH_H
#define MOSAIC_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "label.h"
#include "mosaic/tail.h"

struct mosaic;

#define WATCH_EVENTS 8
#define WATCH_POLL_MS 250

struct happening {
	char kind[24], reason[24];
	char text[96];   /* both of them, or what else is to be said of it */
	char time[16];   /* of the last one */
	pid_t pid;       /* the same; 0: there is none */
	uint64_t count;  /* how many of these came */
	uint64_t number; /* of the last one, counted through all that came */
};

/* What there is to be seen: as one message from a process to another, if need be. */
struct sight {
	int64_t seen_ms; /* when the status was read (when_ms); 0: never */
	int error;       /* why it could not be read since; 0: it was */
	bool held, frozen, frozen_all;
	char owner[LABEL_ROOM]; /* of the holder */
	pid_t pid;
	int64_t left_ms; /* at seen_ms, until it expires; -1: never */
	char freezer[LABEL_ROOM];
	int64_t thaw_ms; /* at seen_ms, until the thaw */
	uint64_t waiting;
	struct happening last[WATCH_EVENTS]; /* each kind once, the one that is new foremost */
};

struct watch {
	const struct mosaic *mosaic;
	struct tail tail;
	int64_t due_ms; /* when to read the status again */
	uint64_t events;
	struct sight sight;
};

/* Begins to watch; without a lock (--mode nolock) there is nothing to see. */
void watch_open(struct watch *watch, const struct mosaic *mosaic);
void watch_close(struct watch *watch);

/* Takes in new events, and the status: four times a second, or less often where reading it takes
 * long. */
void watch_pull(struct watch *watch);

/* What is left now of `ms` that were left when the status was read; not below 0. */
int64_t sight_left_ms(const struct sight *sight, int64_t ms);

#endif
