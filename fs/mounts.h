/* The mounts that the descriptors of a log's holds may be of: that of the daemon which wrote it,
 * and older ones that were not gone yet. The log has them as words with blanks between them, each
 * what mountpoint_identity() says of one; "*" is any but ours. */
#ifndef FS_MOUNTS_H
#define FS_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MOUNTS_MAX 32 /* more words than have room in a line of the log */

struct mounts {
	dev_t devices[MOUNTS_MAX]; /* of those that somebody has something of, as far as is known */
	int count;
	bool any;     /* like them; but never `own` */
	bool foreign; /* whoever served one saw processes that we cannot see */
	dev_t own;
};

/* Joins what is said of our own mount, `own`, and those of what the log says that are not gone.
 * Where there is no room, "*" stands for all. */
void mounts_join(char *words, size_t room, const char *own, const char *old);

/* Leaves our own alone. */
void mounts_forget(char *words);

/* Reads such words; `own` is our device, as /proc/PID/mountinfo writes it. */
void mounts_read(struct mounts *mounts, const char *words, const char *own);

/* Whether a file system is one of them. */
bool mounts_have(const struct mounts *mounts, dev_t device);

/* Whether nobody has anything of any of them. */
bool mounts_gone(const struct mounts *mounts);

/* Reads a device as /proc writes it, "0:53". False: it is none. */
bool device_read(const char *text, dev_t *device);

#endif
