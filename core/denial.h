/* Denials, so that a script which tries in a loop does not fill the log. */
#ifndef CORE_DENIAL_H
#define CORE_DENIAL_H

#include "event.h"
#include "tree.h"

struct engine;
struct denial;

/* Logs that `who` was denied `names`: at once, or, if the same was logged within the last second,
 * counted in one line at the end of that second. `more`: see record::more. Whether it added a record. */
bool deny(struct engine *engine, const char *names, const struct actor *who, enum reason reason,
	const char *more, struct effects *fx);

/* Ends the second of the denial whose timer this is. Adds at most one record. */
struct timer;
void denial_quiet(struct engine *engine, struct timer *timer, struct effects *fx);

/* Ends the second of all of them, as far as there is room: what was counted is logged before the end. */
void denials_end(struct engine *engine, struct effects *fx);

/* Forgets all of them. */
void denials_finish(struct engine *engine);

/* The order of engine::denials. */
int denial_compare(const void *key, const struct tree_node *node);

#endif
