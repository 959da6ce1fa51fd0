/* Freezes: nothing new is held under a name, or under any, until a time. */
#ifndef CORE_FREEZE_H
#define CORE_FREEZE_H

#include "event.h"
#include "lock.h"
#include "timer.h"

#define FREEZE_ALL "@all" /* the name that stands for every name */

struct freeze {
	struct timer timer; /* engine::thaws */
	struct lock *lock;  /* NULL: everything */
	uint32_t uid;       /* of who set it last */
	int32_t pid;
	uint64_t ttl_ms;
	int64_t since_wall_ms, until_wall_ms;
	char owner[OWNER_MAX + 1];
};

/* The freeze set on exactly this name, or NULL; the one that holds for a lock, or NULL. */
struct freeze *freeze_find(const struct engine *engine, const char *name);
struct freeze *freeze_of(const struct engine *engine, const struct lock *lock);

/* Sets, moves and lifts a freeze for `event`, whose answer they give. */
void freeze_set(struct engine *engine, const struct event *event, struct effects *fx);
void freeze_lift(struct engine *engine, const struct event *event, struct effects *fx);

/* Ends a freeze whose time has come. */
void freeze_thaw(struct engine *engine, struct freeze *freeze, struct effects *fx);

/* Ends one without a word. */
void freeze_remove(struct engine *engine, struct freeze *freeze);

/* Does again what a record of setting one says. OK, ERR_CORRUPT or ERR_NO_MEMORY. */
int freeze_replay(struct engine *engine, const struct record *record);

/* Takes back a setting that could not be logged. */
void freeze_undo(struct engine *engine, const struct record *record);

/* Writes the freeze as a record says it. */
void freeze_record(const struct freeze *freeze, struct record *record);

/* Moves every freeze to the time it should end by the wall clock: another boot has begun. */
void freezes_by_wall(struct engine *engine);

/* The name it is set on, or FREEZE_ALL. */
const char *freeze_name(const struct freeze *freeze);

#endif
