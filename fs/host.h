/* The engine's host: it steps, appends and answers, in that order and a batch at a time. */
#ifndef FS_HOST_H
#define FS_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "core/chain.h"
#include "core/engine.h"
#include "disk.h"
#include "recovery.h"
#include "seen.h"

struct host {
	struct engine *engine; /* owned */
	struct chain chain;
	struct disk disk;
	struct effects *fx;    /* of the batch; owned */
	struct effects *spare; /* for the next batch; owned, or NULL */
	struct text batch;
	struct record *owed; /* what happened while the log could not be written; owned */
	size_t n_owed;
	uint64_t retry_ns; /* when to try the log again; NEVER while it can be written */
	uint64_t down_ns;  /* since when it cannot */
	struct clock_watch clocks;
	uint64_t looked_ns;        /* when the log was last looked for */
	uint64_t rotate_ns;        /* not to try a new file before */
	int write_err, rotate_err; /* why that failed last; 0: it did not */
	uint64_t told_ns;          /* when the first of them was told */
	bool told;                 /* and not yet that it is over */
	uint64_t sealed;           /* lines written since the start */
	char name[65];             /* of this machine */
	char boot[DETAIL_MAX + 1];
	char mount[DETAIL_MAX + 1]; /* ours, and those that holds may still be of: see mounts.h */
	struct recovery found;      /* in the log, at the start */
	struct seen *seen;          /* its last line, for the next server */
	/* Gives an answer. Before the records that answers wait for are appended, `promise` is told which, and the
	 * `seq` of the first. */
	void (*answer)(void *context, const struct answer *answer);
	void (*promise)(void *context, const struct effects *fx, uint64_t seq);
	void *context;
};

/* Opens the log in `state`, whose lock `lock` is, checks it and recovers from it. `seen` says the last line that a
 * server before saw in it, and will say ours. False after a message. */
bool host_init(struct host *host, const char *state, int lock, uint64_t keep, struct seen *seen);
void host_finish(struct host *host);

/* Writes the lines that say that the daemon has come: `start`, and what recovery found; or that a server goes on
 * for one that died of `signal` (0: not known; -1: there was none). If the log cannot be written, later. */
void host_start(struct host *host, int signal);

/* The token of the next grant. */
uint64_t host_next_token(const struct host *host);

/* Sends every waiter away and writes the last line. */
void host_stop(struct host *host);

/* Lets the event happen; its `now` is filled in if it is not set. */
void host_step(struct host *host, struct event *event);

/* Appends what the steps logged, then gives their answers. */
void host_flush(struct host *host);

/* Logs that the machine slept, or that the wall clock was set back, if it was since the last call. */
void host_clocks(struct host *host, const struct now *now);

/* Fires the deadlines that are not after `now`, flushing as it goes. */
void host_tick(struct host *host, const struct now *now);

/* When host_tick() is next due, on CLOCK_MONOTONIC. */
uint64_t host_deadline(const struct host *host);

#endif
