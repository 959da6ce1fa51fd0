/* A hold on a lock: the open descriptor, and what a third of its TTL asks for. */
#ifndef TOOLS_HOLD_H
#define TOOLS_HOLD_H

#include <signal.h>
#include <stdint.h>

struct mount;

struct hold {
	int fd;           /* close on exec; -1: none */
	uint64_t token;   /* the fencing token of the grant */
	int64_t ttl_ms;   /* 0: held until closed */
	int64_t since_ms; /* CLOCK_MONOTONIC of the last moment it surely was held in full */
};

/* Opens locks/<spec> and so takes or waits for it. A wait that is interrupted goes on where it was
 * (the mount keeps the place for a second) unless `*stop` is set by then; `stop` may be NULL.
 * Returns 0 or the errno of the contract; EINTR only for `*stop`. */
int hold_take(struct hold *hold, const struct mount *mount, const char *spec,
	const volatile sig_atomic_t *stop);

/* Writes `renew`. Returns 0, ESTALE if the hold is lost, or another errno: not known. */
int hold_renew(struct hold *hold);

/* Whether it is still held: renews one that has a TTL, looks at one that has none. As above. */
int hold_confirm(struct hold *hold);

/* The same, but only once a third of the TTL has passed since it was last known for sure. */
int hold_confirm_if_due(struct hold *hold);

/* Asks poll(2) whether it is lost: what costs least. 0 or ESTALE. */
int hold_glance(const struct hold *hold);

/* Looks at it, changing nothing. As above. */
int hold_look(struct hold *hold);

/* Gives it back. Nothing if there is none. */
void hold_drop(struct hold *hold);

/* Breaks the hold of `name` with that token, open or lease. Returns 0 or an errno: ESTALE or ENOENT
 * it is over, EPERM not yours to break. */
int hold_break(const struct mount *mount, const char *name, uint64_t token);

#endif
