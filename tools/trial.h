/* What may never return, since a mount may hang, is done by a process of its own. */
#ifndef TOOLS_TRIAL_H
#define TOOLS_TRIAL_H

#include <sys/types.h>

#define TRIAL_MS 3000 /* how long a mount may take */

/* Runs `act` in another process: it returns text, allocated, or NULL with errno set. Returns that
 * text, which the caller frees; or NULL with that errno, ETIMEDOUT when TRIAL_MS were not enough. */
char *trial_run(char *(*act)(const void *data), const void *data);

/* Kills such a process. Waits for its end no longer than a moment: it may be stuck in the kernel. */
void trial_end(pid_t pid);

#endif
