/* What happens to a hold between its grant and its end. */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "event.h"

struct claim;
struct engine;

/* The last descriptor was closed, by its holder or by the kernel for one that died; or a lease that was
 * being taken is given back. */
void hold_close(struct engine *engine, const struct event *event, struct effects *fx);

/* A TTL starts again: by the descriptor, or by name for what the writer or its family holds. */
void hold_renew(struct engine *engine, const struct event *event, struct effects *fx);
void hold_renew_name(struct engine *engine, const struct event *event, struct effects *fx);

/* Somebody takes a hold away, naming the grant he means. */
void hold_break(struct engine *engine, const struct event *event, struct effects *fx);

/* The process that a hold is bound to is gone, its descriptor is not. */
void hold_prune(struct engine *engine, const struct event *event, struct effects *fx);

/* Takes a hold from its holder; its record is already made. */
void hold_lose(struct engine *engine, struct claim *claim);

/* The same for somebody who has the right to; with its record and the answer. */
void hold_force_break(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx);

/* Gives a TTL a new start and answers. TIME_NONE: with the TTL it has. */
void claim_renew(
	struct engine *engine, struct claim *claim, const struct event *event, struct effects *fx);

#endif
