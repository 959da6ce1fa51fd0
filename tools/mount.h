/* The Lokt mount: where it is, and its files. */
#ifndef TOOLS_MOUNT_H
#define TOOLS_MOUNT_H

#include <limits.h>

#include <cjson/cJSON.h>

struct mount {
	char root[PATH_MAX]; /* the mount point, without a slash at the end */
};

/* Finds the mount: `flag` (--mount) if not NULL, else LOKT_MOUNT, else the one mount of type
 * fuse.loktfs in /proc/self/mountinfo. Returns 0, or -1 having said what is wrong. */
int mount_find(struct mount *mount, const char *flag);

/* The same for who can do without: ENOENT, and nothing is said, when there is none at all and neither
 * the flag nor LOKT_MOUNT names one. */
int mount_find_any(struct mount *mount, const char *flag);

/* Writes the path of `file` under `folder` ("" for the root). Returns 0, or ENAMETOOLONG. */
int mount_path(
	const struct mount *mount, const char *folder, const char *file, char path[PATH_MAX]);

/* Writes the path of the status of one name, or of all (NULL). Returns 0, or ENAMETOOLONG. */
int mount_status_path(const struct mount *mount, const char *name, char path[PATH_MAX]);

/* The status of one name, or of all (NULL); the caller deletes it. NULL with errno set. */
cJSON *mount_status(const struct mount *mount, const char *name);

/* Returns once the mount has seen what this process closed before. close(2) does not wait for it,
 * and a holder that ends right after closing would look like one that died with the lock. */
void mount_settle(const struct mount *mount);

#endif
