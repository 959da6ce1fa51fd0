/* Leases: holds that no descriptor has, on the same names as the others, for steps that are separate
 * processes. A user and a label own one; its TTL is on CLOCK_BOOTTIME. */
#ifndef CORE_LEASE_H
#define CORE_LEASE_H

#include "event.h"

struct claim;
struct engine;

/* The lease on this name, or NULL. */
struct claim *lease_find(const struct engine *engine, const char *name);

/* What the owner of a lease, or somebody who would be, wants of it; see EVENT_LEASE_*. */
void lease_open(struct engine *engine, const struct event *event, struct effects *fx);
void lease_renew(struct engine *engine, const struct event *event, struct effects *fx);
void lease_remove(struct engine *engine, const struct event *event, struct effects *fx);

/* Moves every lease to the time it should end by the wall clock: another boot has begun. */
void leases_by_wall(struct engine *engine);

#endif
