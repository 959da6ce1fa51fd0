/* The daemon's one loop: requests, deadlines and signals, in one thread. */
#ifndef FS_LOOP_H
#define FS_LOOP_H

#include "daemon.h"

/* Has what was handled appended and answered, then does what waited for that. */
void loop_settle(struct daemon *daemon);

/* Serves until it is unmounted or told to stop. `ready` is called once, when the mount is usable.
 * 0, or an errno. */
int loop_run(struct daemon *daemon, void (*ready)(void *context), void *context);

#endif
