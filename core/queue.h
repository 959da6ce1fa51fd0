/* Who goes next: a request's way from its arrival to its grant or its refusal. */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include "event.h"

struct claim;
struct engine;
struct lock;

/* Grants, denies or queues a new request, or puts an interrupted one back into its place. */
void acquire(struct engine *engine, const struct event *event, struct effects *fx);

/* Answers a waiter whose wait was interrupted and keeps its place for a while. */
void interrupt(struct engine *engine, const struct event *event, struct effects *fx);

/* Puts somebody who waited before a restart into the queue again. */
void requeue(struct engine *engine, const struct event *event, struct effects *fx);

/* The claim's timer has fired: its wait, its grace or its TTL is over. */
void claim_due(struct engine *engine, struct claim *claim, struct effects *fx);

/* Whether this lock's holders leave room for the claim. */
bool lock_compatible(const struct lock *lock, const struct claim *claim);

/* The first in the queue who is not paused, or NULL. */
const struct claim *lock_first_waiting(const struct lock *lock);

/* Whether nobody who holds, and nobody who came earlier, stands in the claim's way. */
bool claim_admissible(const struct claim *claim);

/* Grants or refuses the claim if the moment has come; false while it goes on waiting. */
bool claim_settle(struct engine *engine, struct claim *claim, struct effects *fx);

#endif
