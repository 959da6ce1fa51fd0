/* The supervisor: it mounts, keeps what must outlive a server, and starts a server whenever there is none. */
#ifndef FS_SUPERVISOR_H
#define FS_SUPERVISOR_H

#include "options.h"
#include "spawn.h"

/* Mounts, and sees to it that somebody serves until the mount is over. `launcher` is told when the mount
 * serves; -1: nobody waits for that. The exit code, after a message if it is none. */
int supervise(struct options *options, int launcher);

/* The same for a mount that is there, and a server that runs: its supervisor has died. */
int supervise_on(struct options *options, const struct kept *kept);

#endif
