/* A process that looks at the mount for the renderer, so that the picture goes on while a mount is
 * slow to answer, or does not answer at all. */
#ifndef MOSAIC_SCREEN_SCOUT_H
#define MOSAIC_SCREEN_SCOUT_H

#include <sys/types.h>

struct mosaic;

struct scout {
	pid_t pid; /* 0: there is none */
	int link;  /* from it come messages (see link.h), each a struct sight; owned; -1 */
};

/* Starts it; it ends with this process. `other`: a descriptor that is not its own to keep. Without
 * a lock, or if that fails, there is none. */
void scout_start(struct scout *scout, const struct mosaic *mosaic, int other);

/* Ends it. */
void scout_stop(struct scout *scout);

#endif
