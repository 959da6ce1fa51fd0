/* The processes that open locks: who they are, and how they ended. What is known of one is kept from
 * open to open and dropped once its pidfd says that it has ended (fact 7). */
#ifndef FS_PROCESS_H
#define FS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

struct process;

/* The process of the thread `tid`, as FUSE names an opener, with a reference to be put back. NULL if
 * it cannot be seen (another pid namespace, or gone). */
struct process *process_get(int32_t tid);

/* The same process again, which is known to run still: it waits for an answer. */
struct process *process_again(struct process_id id);

/* The same process after a restart, with a reference. NULL, with errno set; ESRCH: it does not run any more. */
struct process *process_revive(struct process_id id);

/* Gives a reference back; NULL is allowed. */
void process_put(struct process *process);

struct process_id process_id(const struct process *process);

/* Whether the process has a hold open that it opened itself. */
bool process_has_opened(struct process_id id);

/* How a holder that no longer has its descriptor parted from it: REASON_NONE if it runs and closed
 * it, REASON_KILLED with a signal, REASON_EXITED, or REASON_UNKNOWN. */
enum reason process_end(struct process *process, int32_t *signal);

/* Has process_ended() give the process once it ends, and puts an end to that. Each watcher takes part in a
 * count. False: it has no pidfd, or there is no memory. */
bool process_watch(struct process *process);
void process_unwatch(struct process *process);

/* What poll(2) finds readable when a process that is watched has ended; -1 while there is none. */
int processes_watched_fd(void);

/* The next watched process that has ended, or NULL; it is watched no more. */
struct process *process_ended(void);

/* "alive", "dead" or "unknown": what status says of a holder. */
const char *process_status(struct process_id id);

/* The process of `tid` and its ancestors, nearest first; how many were written to `family`. */
size_t process_family(int32_t tid, struct process_id *family, size_t room);

/* Keeps at most so many descriptors open. */
void processes_init(unsigned descriptors);

/* Closes everything that is kept. */
void processes_finish(void);

#endif
