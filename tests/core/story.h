/* A story: people, an engine, a clock that only the test moves, and the lines of what happened.
 *
 * Who asks is written `alice`, `alice/2` (another thread of hers) or `alice/0` (the process cannot
 * be told). `root` is privileged. Times are milliseconds since the story began. */
#ifndef TESTS_CORE_STORY_H
#define TESTS_CORE_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check.h"
#include "core/engine.h"
#include "core/view.h"
#include "journal.h"

/* What somebody asked for. Its number, from 1, is the claim's id when it was for a lock; until a
 * restart, which gives a hold the id of its grant. */
struct request {
	char who[16], name[NAME_MAX_LEN + 1];
	char spec[48];       /* as it was written, if it was for a lock */
	bool acquire, lease; /* was it for a lock; of these, for one by a lease */
	bool answered, closed;
	enum err err;                       /* once it is answered */
	uint64_t token;                     /* once it is granted */
	uint64_t id;                        /* of its claim */
	uint64_t queued_ns, interrupted_ns; /* for world_survive() */
};

/* What the host sees of a process, where it is not that the opener has what he opened. */
struct sight {
	int32_t pid;
	uint64_t id; /* of a request; 0: whether it sees the process at all */
	bool has;    /* a descriptor of it */
};

#define SIGHTS_MAX 16

struct world {
	struct engine *engine; /* owned */
	struct settings settings;
	struct now start, now;
	struct journal journal;
	struct text story;
	size_t told;              /* bytes of the story that were expected already */
	struct request *requests; /* owned */
	size_t n_requests, room, pending;
	bool batching; /* steps are not yet logged and answered */
	struct effects fx;
	struct sight sights[SIGHTS_MAX];
	size_t n_sights;
	/* Lets an event happen; engine_step, unless a test puts itself between. */
	void (*step)(struct engine *engine, const struct event *event, struct effects *fx);
};

/* A world in which nothing has happened, without limits and without a look for deadlocks. It is the
 * one that a failed check tells the story of. */
struct world *world_create(void);

/* The same where each user, and all together, may have so many of something; where who has waited
 * half a second is suspected of being in a deadlock. */
struct world *world_limited(enum limit limit, uint32_t user, uint32_t total);
struct world *world_suspicious(void);

/* Ends it: checks that everybody was answered, and that the log says what the engine knows. */
void world_destroy(struct world *world);

/* Lets one event happen now, and does with its effects what the daemon does. */
void world_step(struct world *world, struct event *event);

/* Logs and answers what steps have left in the effects. */
void world_flush(struct world *world);

/* Has the deadlines fire that are not after now. */
void world_tick(struct world *world);

/* What people do. Each gives the request's number. `spec` is parsed as the daemon would. */
uint64_t opens(struct world *world, const char *who, const char *spec);
uint64_t renews(struct world *world, const char *who, const char *name, const char *ttl);
uint64_t breaks(struct world *world, const char *who, const char *name, uint64_t token);
uint64_t freezes(struct world *world, const char *who, const char *name, const char *ttl);
uint64_t unfreezes(struct world *world, const char *who, const char *name);

/* The same with leases: one is taken, renewed by name, opened to be renewed, removed. */
uint64_t takes(struct world *world, const char *who, const char *spec, const char *ttl);
uint64_t touches(struct world *world, const char *who, const char *spec, const char *ttl);
uint64_t reopens(struct world *world, const char *who, const char *spec);
uint64_t removes(struct world *world, const char *who, const char *spec);

/* The same with the audit stream: somebody begins to read it, and stops. */
uint64_t reads(struct world *world, const char *who);
void stops_reading(struct world *world, const char *who);

/* `who`, whose parent is `parent`, renews by name. */
uint64_t renews_name(struct world *world, const char *who, const char *parent, const char *name,
	const char *ttl);

/* What happens to the newest request of `who` for `name`: its descriptor is closed, he is killed
 * by a signal (0: he exits), likewise but somebody else has his descriptor, a signal interrupts his
 * wait. Or he begins to watch it: a line says when he is told that something happened to it. */
void closes(struct world *world, const char *who, const char *name);
void dies(struct world *world, const char *who, const char *name, int signal);
void survived(struct world *world, const char *who, const char *name, int signal);
void interrupted(struct world *world, const char *who, const char *name);
void watches(struct world *world, const char *who, const char *name);

/* The same for the request of that number. */
void closes_id(struct world *world, uint64_t id);
void dies_id(struct world *world, uint64_t id, int signal);
void survived_id(struct world *world, uint64_t id, int signal);
void interrupted_id(struct world *world, uint64_t id);
uint64_t renews_id(struct world *world, uint64_t id, const char *ttl);

/* What the host sees of a process from now on: that it has a descriptor of request `id`, or has
 * not. Else it has what it opened, until that is closed. */
void seen(struct world *world, const char *who, uint64_t id, bool has);

/* Whether it sees the process at all: one with several threads might yet do anything. */
void visible(struct world *world, const char *who, bool is);

/* Tells the engine what those have who wait suspiciously long; whether there were any. */
bool world_suspect(struct world *world);

/* What happens to the daemon. Between world_begin and world_commit steps make one batch. */
void world_begin(struct world *world);
void world_commit(struct world *world);
void world_stop(struct world *world);
void log_fails(struct world *world); /* the next append fails */
void log_works(struct world *world);
void world_checkpoint(struct world *world);
void world_configure(struct world *world); /* its settings have changed */

/* The daemon is killed and comes back. `trusted`: with all of its log. */
void world_restart(struct world *world, bool same_boot, bool trusted);

/* The server dies alone, and another goes on under the open mount: descriptors stay, who waits is put
 * back. It is not told: nobody may notice. */
void world_survive(struct world *world);

/* The mount dies too: no request is left, and every hold is an orphan. The host says that one stays, and
 * why; or that nobody has a descriptor of it any more. */
void world_orphan(struct world *world);
void orphan_stays(struct world *world, uint64_t id, const char *why);
void orphan_ends(struct world *world, uint64_t id);

/* Time passes: tick by tick, each at its very deadline; while the daemon stands still; while the
 * machine sleeps (CLOCK_MONOTONIC stands); on the wall alone (back, too). */
void advance(struct world *world, uint64_t ms);
void stall(struct world *world, uint64_t ms);
void suspended(struct world *world, uint64_t ms);
void wall_jumps(struct world *world, int64_t ms);

/* Checks that what was told since the last call is `lines`, which are each ended by a newline. */
void expect(struct world *world, const char *lines);

/* When the next tick is due, in milliseconds since the beginning; NEVER: never. */
uint64_t world_deadline_ms(const struct world *world);

/* How many requests were answered with `err` so far. */
size_t world_answers(const struct world *world, enum err err);

/* Where a view of the world is taken from: its engine, or one that was replayed. */
struct view world_view(const struct world *world, const struct engine *engine);

/* Everything that can be read of an engine, counters excepted; the same and its checkpoint. Strings
 * to be freed by the caller. */
char *world_views(const struct world *world, const struct engine *engine);
char *world_picture(const struct world *world, const struct engine *engine);

#endif
