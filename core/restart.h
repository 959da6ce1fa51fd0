/* What becomes of that which was there before a restart: the log brings holds back, and the host knows
 * which of them have their descriptors still. The rest are orphans: their mount is gone, and only a look at
 * the processes tells whether anybody works under one. */
#ifndef CORE_RESTART_H
#define CORE_RESTART_H

#include "event.h"

struct engine;

/* The log was replayed: deadlines and tokens are put right, and what ended with the daemon or the machine
 * is said to have ended. */
void holds_recover(struct engine *engine, const struct event *event, struct effects *fx);

/* Says that an orphan stays. */
void orphan_keep(struct engine *engine, const struct event *event, struct effects *fx);

#endif
