/* The server: all that answers for the mount while it lives. */
#ifndef FS_SERVER_H
#define FS_SERVER_H

#include "options.h"
#include "spawn.h"

/* Serves the mount of these descriptors, from the beginning or where another server died, until the mount is
 * over. The exit code. */
int serve(struct options *options, struct kept *kept);

struct daemon;

/* The supervisor has died: there has to be another, or nobody would be there when we die. Says when, in
 * daemon::supervisor_ns: at once, but for one that does not live long. */
void supervisor_lost(struct daemon *daemon);

/* Starts another. */
void supervisor_replace(struct daemon *daemon);

#endif
