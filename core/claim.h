/* One request for a lock, from the moment it is made until its descriptor is closed. */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "lock.h"
#include "timer.h"

/*
 * state    its links are in   its timer means         leads to
 * WAITING  lock::waiters      the wait is over        PAUSED, HELD, or its end
 * PAUSED   lock::waiters      the grace is over       WAITING, or its end
 * HELD     lock::holders      the TTL has passed      LOST, or its end
 * LOST     no list            -                       its end
 */
enum claim_state { CLAIM_WAITING, CLAIM_PAUSED, CLAIM_HELD, CLAIM_LOST };

struct claim {
	struct tree_node index; /* engine::claims; while paused, engine::paused */
	struct timer timer;     /* engine::timers */
	enum claim_state state;
	enum mode mode;
	bool frozen_wait;
	uint32_t slots;
	uint64_t id;
	void *request; /* the host's, while it waits */
	struct process_id process;
	int32_t tid;
	uint32_t uid;
	uint64_t ttl_ms, timeout_ms; /* or TIME_NONE */
	uint64_t queued_ns;
	uint64_t wait_until_ns;
	uint64_t token;       /* since it was granted */
	uint64_t acquired_ns; /* CLOCK_MONOTONIC */
	uint64_t renewed_ns;  /* the same, of the last renewal; 0: none */
	int64_t acquired_wall_ms;
	uint32_t renewals;
	uint32_t links;
	const char *owner; /* behind the links */
	struct link link[];
};

/* Makes a claim in every queue of its names; NULL, with nothing changed, when there is no memory.
 * `names` and `owner` are copied. It is WAITING and has no deadline. */
struct claim *claim_create(struct engine *engine, const char *names, const char *owner);

/* Ends a claim in whatever state, and forgets the names that nobody else uses. */
void claim_destroy(struct engine *engine, struct claim *claim);

/* Gives a claim its number, or takes a paused one's back. */
void claim_index(struct engine *engine, struct claim *claim, uint64_t id);
struct claim *claim_find(const struct engine *engine, uint64_t id);

/* The only place where a claim's state changes: moves its links and disarms its timer, and has the
 * queues looked at. The transition must be one of the table's. */
void claim_set_state(struct engine *engine, struct claim *claim, enum claim_state state);

/* The paused claim that `event` asks for again, or NULL. */
struct claim *claim_paused_as(const struct engine *engine, const struct event *event);

/* Its names as the contract writes a group. */
void claim_names(const struct claim *claim, char names[SPEC_MAX + 1]);

/* When its TTL passes, on CLOCK_MONOTONIC, or NEVER. */
uint64_t claim_deadline(const struct claim *claim);

/* Adds a record about this claim. */
struct record *claim_record(const struct claim *claim, struct effects *fx, enum record_kind kind,
	const struct now *now);

/* The orders of engine::claims (by id) and engine::paused (by thread). */
int claim_compare(const void *id, const struct tree_node *node);
int claim_compare_tid(const void *tid, const struct tree_node *node);

#endif
