/* The engine's whole state, for the files of core/ alone. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "claim.h"
#include "engine.h"
#include "freeze.h"
#include "list.h"
#include "lock.h"
#include "timer.h"
#include "tree.h"

#define TOKEN_MAX INT64_MAX /* none as high is ever granted: what says so is no log */

#define LOOKS 16 /* for a deadlock, at one waiter: each when it has waited twice as long */

struct engine {
	struct tree locks;          /* of struct lock, by name */
	struct tree claims;         /* of struct claim, by id: all but the paused ones */
	struct tree paused;         /* of struct claim, by thread */
	struct tree denials;        /* of struct denial */
	struct tree users;          /* of struct user */
	struct list dirty;          /* of struct lock: queues to look at before the step ends */
	struct list patient[LOOKS]; /* of struct claim: who waits, by times looked at … */
	struct list suspects; /* … and, when it is time for that again, until engine_suspect() */
	struct list keepers;  /* of struct kept: who waits and has what others may wait for */
	struct list noticed;  /* of struct claim: hosts to tell, see engine_notice() */
	struct timers timers; /* of claims, CLOCK_MONOTONIC */
	struct timers lapses; /* of leases, CLOCK_BOOTTIME */
	struct timers thaws;  /* of freezes, CLOCK_BOOTTIME */
	struct timers quiets; /* of denials, CLOCK_MONOTONIC */
	struct freeze *freeze_all; /* owned */
	struct now now;            /* of the last event */
	uint64_t next_token, token_limit;
	bool stopping, log_failed;
	struct settings settings;
	struct text cycle;    /* the last that was found: its record is written before the next */
	uint32_t has[LIMITS]; /* all users together */
	struct counters counters;
};

/* Looks at every queue that a step touched: grants and denies whom it can, while there is room. */
void queue_run(struct engine *engine, struct effects *fx);

/* Takes a claim that waits out of the queue: a record, if `reason` is one, and the answer.
 * `more`: see record::more. */
void claim_deny(struct engine *engine, struct claim *claim, enum err err, enum reason reason,
	const char *more, struct effects *fx);

#endif
