/* What happens to a hold between its grant and its end. */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "event.h"

struct engine;

/* The last descriptor was closed, by its holder or by the kernel for one that died. */
void hold_close(struct engine *engine, const struct event *event, struct effects *fx);

/* A TTL starts again: by the descriptor, or by name for what the writer or its family holds. */
void hold_renew(struct engine *engine, const struct event *event, struct effects *fx);
void hold_renew_name(struct engine *engine, const struct event *event, struct effects *fx);

/* Somebody takes a hold away, naming the grant he means. */
void hold_break(struct engine *engine, const struct event *event, struct effects *fx);

/* After a restart: what ended with the old daemon's mount is said to have ended. */
void holds_recover(struct engine *engine, const struct event *event, struct effects *fx);

#endif
