/* Deadlocks: what only /proc can tell of them. The rule is the engine's. */
#ifndef FS_DEADLOCK_H
#define FS_DEADLOCK_H

#include <stdbool.h>

struct daemon;

/* Looks at some of those who have waited long enough to be suspected, and tells the engine what their
 * processes have. True: there are more. */
bool deadlocks_look(struct daemon *daemon);

#endif
