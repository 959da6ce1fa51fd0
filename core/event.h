/* What goes into the engine, and what comes out of it. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "record.h"
#include "spec.h"
#include "user.h"

/* A moment on each clock that a rule of the contract speaks of. None of them may go back from one
 * event to the next but the last; or in an EVENT_TICK that has waited for the requests before it. */
struct now {
	uint64_t mono_ns; /* CLOCK_MONOTONIC: TTLs and waits */
	uint64_t boot_ns; /* CLOCK_BOOTTIME: freezes and leases */
	int64_t wall_ms;  /* since 1970: what people read */
};

#define GRACE_MS 1000 /* how long an interrupted waiter's place is kept: the contract's EINTR */

/* A process, and when it started: the number alone is used again. */
struct process_id {
	int32_t pid; /* 0: not known */
	uint64_t start_ns;
};

static inline bool process_same(struct process_id a, struct process_id b)
{
	return a.pid == b.pid && a.start_ns == b.start_ns;
}

/* Who asks. */
struct actor {
	struct process_id process;
	int32_t tid; /* 0: not known */
	uint32_t uid;
	bool privileged;   /* the mount's owner, an admin, or root */
	const char *owner; /* the label: the user's name where nothing was chosen */
};

enum event_kind {
	EVENT_ACQUIRE,   /* id, spec, request */
	EVENT_INTERRUPT, /* id: of a claim that waits */
	EVENT_CLOSE,     /* id: of a claim that holds or lost; reason, signal: how it ended */
	EVENT_PRUNE, /* id: of a claim whose process ended, though not its descriptor; the same */
	EVENT_RENEW, /* id, ttl_ms (TIME_NONE: the last one again) */
	EVENT_RENEW_NAME,   /* name, ttl_ms, family: the writer and its ancestors */
	EVENT_BREAK,        /* name, token (0: a plain rm) */
	EVENT_LEASE_TAKE,   /* id, spec, request: as EVENT_ACQUIRE, but it never waits */
	EVENT_LEASE_OPEN,   /* spec: whether this user, by this label, may renew it */
	EVENT_LEASE_RENEW,  /* spec, ttl_ms (TIME_NONE: the last one again) */
	EVENT_LEASE_REMOVE, /* spec */
	EVENT_FREEZE,       /* name ("@all": everything), ttl_ms */
	EVENT_UNFREEZE,     /* name */
	EVENT_SUSPECT, /* id: of a waiter; holds, complete: what its process was seen to have */
	EVENT_ADMIT,   /* limit, amount, name: somebody wants so much more that is limited */
	EVENT_DISMISS, /* limit, amount: and has given it back */
	EVENT_READMIT, /* limit, amount: he had it before the restart, so no limit is asked */
	EVENT_TICK,    /* deadlines up to now fire; what did not fit in an earlier step goes on */
	EVENT_STOP,    /* everybody who waits is sent away, and who comes after */
	EVENT_LOG,     /* writable: whether the log can be written from now on */
	EVENT_RECOVER, /* the log was replayed; trusted: all of it; token: none lower is granted;
			* keep: open holds stay, for the host to look after */
	EVENT_REQUEUE, /* id, spec, request, since_ns: who waited before the restart; without a
			* request he was interrupted, and may come back until until_ns */
	EVENT_KEEP,    /* id, name: an orphan stays, and why */
};

struct event {
	enum event_kind kind;
	struct now now;
	struct actor who;
	void *request; /* the host's own; comes back in the answer */
	uint64_t id;   /* of a claim: chosen by the host at EVENT_ACQUIRE, never twice */
	const struct spec *spec;
	const char *name; /* or names, as in spec::names */
	uint64_t token, ttl_ms;
	uint64_t since_ns, until_ns; /* CLOCK_MONOTONIC */
	const struct process_id *family;
	size_t relatives;      /* how many `family` has */
	const uint64_t *holds; /* ids of the claims whose descriptors a process has */
	size_t n_holds;
	enum limit limit;
	uint32_t amount;
	bool complete; /* and none but these for as long as it waits: it runs a single thread */
	enum reason reason;
	int32_t signal;
	bool writable, trusted, same_boot, keep;
};

/* How a request ended. It may be sent once record number `record` is in the log; -1: at once. */
struct answer {
	void *request;
	uint64_t id;
	enum err err;
	int record;
	uint64_t token; /* filled in by the host, where that record is of a grant */
};

#define EFFECTS_MAX 256
#define EFFECTS_STEP 4 /* what one event needs of both kinds, whatever comes with it */

/* What the host is to append and to answer, in this order, over several steps. A step never needs
 * more than there is: what does not fit waits for an EVENT_TICK, and engine_deadline() says so. */
struct effects {
	struct record records[EFFECTS_MAX];
	struct answer answers[EFFECTS_MAX];
	size_t n_records, n_answers;
};

/* Whether there is room for another step. */
static inline bool effects_room(const struct effects *fx)
{
	return fx->n_records + EFFECTS_STEP <= EFFECTS_MAX &&
		fx->n_answers + EFFECTS_STEP <= EFFECTS_MAX;
}

/* Takes the next record or answer; effects_room() must have been true of the step. */
struct record *effects_record(struct effects *fx, enum record_kind kind, int64_t wall_ms);
void effects_answer(struct effects *fx, void *request, uint64_t id, enum err err);

/* The same, for an answer that has to wait for the last record. */
void effects_answer_logged(struct effects *fx, void *request, uint64_t id, enum err err);

#endif
