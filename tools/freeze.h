/* Freezing a lock through the mount, and lifting that. */
#ifndef TOOLS_FREEZE_H
#define TOOLS_FREEZE_H

#include <stdint.h>

struct mount;

/* Freezes `name` for `ttl_ms`, or for as long as the mount does by default (WHEN_UNSET); frozen
 * already, it changes the time. Returns 0 or an errno. */
int freeze_write(const struct mount *mount, const char *name, int64_t ttl_ms);

/* Lifts the freeze of `name`. Returns 0 or an errno; ENOENT: it is not frozen. */
int freeze_lift(const struct mount *mount, const char *name);

#endif
