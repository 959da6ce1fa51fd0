/* The lock engine: a state machine that is told what happened and says what to log and to answer.
 * It knows no clock, no file and no thread: the same events give the same effects. */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include <stdint.h>

#include "event.h"
#include "text.h"
#include "user.h"

struct engine;

/* What has happened since the engine was made. */
struct counters {
	uint64_t grants, releases, renewals, expired, pruned, broken, freezes;
	uint64_t denials[REASONS];
};

/* What the host may set. An engine begins without limits and does not look for deadlocks. */
struct settings {
	struct limits limits;
	uint64_t deadlock_ms; /* how long somebody waits before he is suspected; TIME_NONE: never */
};

/* An engine without a lock; NULL when there is no memory. */
struct engine *engine_create(void);
void engine_destroy(struct engine *engine);

void engine_configure(struct engine *engine, const struct settings *settings);

/* Lets one event happen and adds what follows from it. effects_room() must be true. Every event
 * with a request is answered, at once or in a later step; the rest of what a step began and had no
 * room for is done by later ones. */
void engine_step(struct engine *engine, const struct event *event, struct effects *fx);

/* When the next EVENT_TICK is due, on CLOCK_MONOTONIC; 0: at once; UINT64_MAX: never. */
uint64_t engine_deadline(const struct engine *engine);

/* Takes back one grant, renewal or freeze whose record could not be logged: the last first. What
 * cannot be taken back (a release, an expiry) is left, and its record is owed to the log. */
void engine_undo(struct engine *engine, const struct record *record);

/* Whether a record of this kind changes the state: the log must have it sooner or later. */
bool record_is_state(enum record_kind kind);

/* Whether nobody may be told of it before it is in the log: it is taken back if it cannot be. */
bool record_can_be_undone(enum record_kind kind);

/* Whether who is told of it counts on it even after a crash of the machine: the log is synced first, and it is
 * an error that it could not be, even where the rest cannot be taken back. */
bool record_outlives_machine(const struct record *record);

/* Whether the log is owed record number `i` of a batch that could not be appended, once the rest was
 * taken back: it changed the state, and not only that of something taken back with it; or it says who came and
 * what was found. */
bool record_is_owed(const struct record *records, size_t i);

/* Does again what a line of the log says; EVENT_RECOVER comes after the last, and again for as long
 * as engine_recovering(): one step may not have room for all. OK, ERR_NO_MEMORY, or ERR_CORRUPT, with
 * nothing changed, for a line that contradicts those before it. */
int engine_replay(struct engine *engine, const struct record *record);

bool engine_recovering(const struct engine *engine);

/* The id that the claim of this grant has after a replay. */
uint64_t engine_replayed(uint64_t token);

/* A hold from the log has its descriptor again: `request` is the host's own for it, as if it had asked.
 * Before EVENT_RECOVER, for those that are lost already. False: there is no such claim. */
bool engine_adopt(struct engine *engine, uint64_t id, void *request);

/* The next hold after `id` that nobody is known to have a descriptor of: it came from the log and was not
 * adopted. The host looks whether somebody has, and says EVENT_KEEP or EVENT_CLOSE. 0: no more. */
uint64_t engine_orphan(const struct engine *engine, uint64_t id);

/* What is known of a hold, as its line in a checkpoint says it. False: it holds nothing. */
bool engine_hold(const struct engine *engine, uint64_t id, struct record *record);

/* The token of this claim's grant; 0: there is none. */
uint64_t engine_token(const struct engine *engine, uint64_t id);

/* When the wait of this claim began, CLOCK_MONOTONIC; 0: it does not wait. */
uint64_t engine_queued_ns(const struct engine *engine, uint64_t id);

/* Fills in what the record of a checkpoint says of tokens: `token_limit` is the high-water mark that
 * the log then vouches for. */
void engine_checkpoint(const struct engine *engine, struct record *record);

/* Writes the state as the last members of a checkpoint's line, "holds" and "freezes". */
void engine_write_parts(const struct engine *engine, struct text *text);

/* The log has that checkpoint, safe from a crash of the machine: tokens below it may be granted. */
void engine_checkpointed(struct engine *engine, const struct record *record);

/* How many tokens may still be granted before the next checkpoint. */
uint64_t engine_tokens_left(const struct engine *engine);

/* Whether the claim of this id waits, or holds. */
bool engine_waits(const struct engine *engine, uint64_t id);
bool engine_holds(const struct engine *engine, uint64_t id);

/* Whether what it holds ends with its process. */
bool engine_bound(const struct engine *engine, uint64_t id);

/* Whether others wait for what it holds. */
bool engine_waited_for(const struct engine *engine, uint64_t id);

/* Has engine_notice() tell once that the claim is lost, or that others begin to wait for it. */
void engine_watch(struct engine *engine, uint64_t id);

/* The request of the next watched claim that something has happened to; NULL: of none. */
void *engine_notice(struct engine *engine);

/* The process that asked for it; {0} if there is no such claim. */
struct process_id engine_process(const struct engine *engine, uint64_t id);

/* When it was granted, on CLOCK_BOOTTIME if the machine has not slept since; 0: it holds nothing. */
uint64_t engine_granted_ns(const struct engine *engine, uint64_t id);

/* The claim of the lease on this name; 0: there is none. */
uint64_t engine_lease(const struct engine *engine, const char *name);

/* The next who has waited long enough to be suspected of being in a deadlock; 0: nobody. The host looks at
 * its process and says by EVENT_SUSPECT what it saw. */
uint64_t engine_suspect(struct engine *engine);

/* How many names are in use; how many hold (leases too; a group once), wait (paused ones too), are frozen or
 * read the audit stream. */
struct totals {
	uint64_t names, holders, leases, waiters, freezes, readers;
};
struct totals engine_totals(const struct engine *engine);

const struct counters *engine_counters(const struct engine *engine);

#endif
