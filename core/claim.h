/* One request for a lock, from the moment it is made until its descriptor is closed, or its lease is
 * over. */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "lock.h"
#include "timer.h"
#include "user.h"

/*
 * state    its links are in   its timer means         it is itself in     leads to
 * WAITING  lock::waiters      the wait is over        patient, suspects,  PAUSED, HELD, or its end
 *                                                     or none
 * PAUSED   lock::waiters      the grace is over       -                   WAITING, or its end
 * HELD     lock::holders      the TTL has passed      noticed, or none    LOST, or its end
 * LOST     no list            -                       noticed, or none    its end
 *
 * A lease is never PAUSED; when it is LOST, nobody has it any more and it ends.
 */
enum claim_state { CLAIM_WAITING, CLAIM_PAUSED, CLAIM_HELD, CLAIM_LOST };

struct claim {
	struct tree_node index;     /* engine::claims; while paused, engine::paused */
	struct timer timer;         /* engine::timers; of a lease, engine::lapses */
	struct list attention;      /* engine::patient, suspects or noticed, or alone */
	enum claim_state state : 8; /* small: there may be very many that wait */
	enum hold_kind kind : 8;
	enum mode mode : 8;
	enum bind bind : 8;
	bool frozen_wait : 1;
	bool watched : 1; /* its host wants to be told when it is lost or waited for */
	bool orphan : 1;  /* its mount is gone, and it was said to stay */
	bool keeps : 1;   /* there is a struct kept of it */
	uint8_t looks;    /* for a deadlock, since its wait began or went on */
	uint16_t links;
	uint32_t slots, renewals;
	uint64_t id;
	void *request; /* the host's own for as long as it waits or has a descriptor */
	struct process_id process;
	struct user *user;
	uint64_t ttl_ms; /* or TIME_NONE */
	union {
		struct {                        /* of one that waits */
			uint64_t wait_until_ns; /* CLOCK_MONOTONIC, or NEVER */
			uint64_t queued_ns;     /* CLOCK_MONOTONIC, when the wait began */
			int32_t tid;
		};
		struct {                       /* of one that was granted */
			int64_t until_wall_ms; /* where its TTL ended when it began */
			uint64_t acquired_ns;  /* CLOCK_MONOTONIC; of a lease CLOCK_BOOTTIME */
			int64_t acquired_wall_ms;
		};
	};
	uint64_t token;    /* 0: it was not granted yet */
	const char *owner; /* behind the links */
	struct link link[];
};

/* What a claim is made of; the texts are copied. */
struct claim_form {
	const char *names, *owner; /* names as in spec::names */
	uint32_t uid, slots;
};

/* Makes a claim in every queue of its names; it is WAITING and has no deadline. OK, or with nothing
 * changed ERR_NO_MEMORY, or ERR_INVALID where a name is in use with other slots. */
enum err claim_create(struct engine *engine, const struct claim_form *form, struct claim **created);

/* Ends a claim in whatever state, and forgets the names that nobody else uses. */
void claim_destroy(struct engine *engine, struct claim *claim);

/* Gives a claim its number, or takes a paused one's back. */
void claim_index(struct engine *engine, struct claim *claim, uint64_t id);
struct claim *claim_find(const struct engine *engine, uint64_t id);

/* The only place where a claim's state changes: moves its links and disarms its timer, and has the
 * queues looked at. The transition must be one of the table's. */
void claim_set_state(struct engine *engine, struct claim *claim, enum claim_state state);

/* Has the host told of a watched claim that is lost, or that others wait for. */
void claim_notice(struct engine *engine, struct claim *claim);

/* The paused claim that `event` asks for again, or NULL. */
struct claim *claim_paused_as(const struct engine *engine, const struct event *event);

/* Its names as the contract writes a group. */
void claim_names(const struct claim *claim, char names[SPEC_MAX + 1]);

/* Now, on the clock that this hold's TTL runs on. */
uint64_t claim_clock(const struct claim *claim, const struct now *now);

/* How long it has been held. A lease's age goes by the wall: it may be older than the boot. */
uint64_t claim_age_ms(const struct claim *claim, const struct now *now);

/* Its TTL begins to run now. */
void claim_arm(struct engine *engine, struct claim *claim);

/* Sets the moment when its TTL ends, or NEVER. */
void claim_expire_at(struct engine *engine, struct claim *claim, uint64_t deadline_ns);

/* What it counts as among its user's limits. */
enum limit claim_limit(const struct claim *claim);

/* Fills in what every record of a claim that was granted says of it. */
void claim_describe(const struct claim *claim, struct record *record);

/* Adds a record about this claim. */
struct record *claim_record(const struct claim *claim, struct effects *fx, enum record_kind kind,
	const struct now *now);

/* The orders of engine::claims (by id) and engine::paused (by thread). */
int claim_compare(const void *id, const struct tree_node *node);
int claim_compare_tid(const void *tid, const struct tree_node *node);

#endif
