/* An open of a lock: a request while it waits, a handle once it is granted. */
#ifndef FS_HOLD_FILE_H
#define FS_HOLD_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "handle.h"
#include "request.h"

struct hold_more;
struct process;

/* A waiter is one of these, one claim and libfuse's request, so it is kept small. */
struct hold {
	struct handle handle;
	struct request request;
	uint64_t id; /* of the claim */
	struct process *process;
	struct hold_more *more; /* owned; NULL until it is needed */
};

/* Makes a hold that may be asked for, and ends one in whatever state. */
void hold_init(struct hold *hold);
void hold_free(struct hold *hold);

/* Binds the hold that is asked for to its process. False if that cannot be seen. */
bool hold_bind(struct daemon *daemon, struct hold *hold);

/* Goes on watching the process of a hold from before the restart, which may end with it. */
void hold_rewatch(struct daemon *daemon, struct hold *hold);

/* The hold that an open file is, or NULL; and the file that it was opened by, which says its spec. */
const struct hold *hold_of(const struct handle *handle);
uint64_t hold_inode(const struct hold *hold);

/* Watches the processes of the holds from before the restart again. */
void holds_rewatch(struct daemon *daemon);

/* Keeps the place of somebody who was interrupted before the restart. */
void hold_repause(struct daemon *daemon, const struct carry_pause *pause);

/* Wakes those who sleep in poll(2) on a hold that is lost, or that others wait for by now. */
void holds_notify(struct daemon *daemon);

/* Takes the holds that are bound to a process which has ended. */
void holds_unbind(struct daemon *daemon);

#endif
