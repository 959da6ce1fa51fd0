/* The requests that the kernel has sent again to a server which goes on, and those that nobody had read. */
#ifndef FS_RESENT_H
#define FS_RESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct daemon;

struct resent {
	void *data; /* owned; NULL once it was handled */
	size_t len;
	struct wire wire;
	uint32_t wait; /* its entry, of an open of a lock that had come; 0: of none */
};

struct resents {
	struct resent *list; /* in order of arrival; owned */
	size_t count;
};

/* Reads all that the kernel has: after a call to send again that is all that was not answered. False: there is
 * no memory. */
bool resents_read(struct daemon *daemon, struct resents *resents);

/* The request of this number, or NULL. */
struct resent *resent_find(const struct resents *resents, uint64_t unique);

/* Handles a request, once. */
void resent_handle(struct daemon *daemon, struct resent *resent);

/* When a lock was asked for, as far as that is known; UINT64_MAX: after all that is known, 0: it was none. */
uint64_t resent_since(const struct daemon *daemon, const struct resent *resent);

#endif
