/* Leases: holds that outlive the process that takes them. */
#ifndef TOOLS_LEASE_H
#define TOOLS_LEASE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct mount;

/* Takes the lease of `name` under `label` ("": the user's name) for `ttl_ms`, or for the mount's
 * default (WHEN_UNSET). Returns 0 or an errno: EEXIST held, EBUSY frozen, EAGAIN others are before. */
int lease_take(const struct mount *mount, const char *name, const char *label, int64_t ttl_ms);

/* Gives one's lease back. Returns 0 or an errno: ENOENT there is none, EPERM another's. */
int lease_drop(const struct mount *mount, const char *name, const char *label);

/* Writes the path of the lease of `name`. Returns 0, or ENAMETOOLONG. */
int lease_path(const struct mount *mount, const char *name, const char *label, char path[PATH_MAX]);

/* Whether `holder`, as status/<name>.json has it, is a lease of the caller's user, under `label`
 * ("": the user's name; NULL: any). */
bool lease_mine(const cJSON *holder, const char *label);

#endif
