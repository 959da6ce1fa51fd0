/* A lock service of the demo's own, for when there is none: loktfs, mounted within the mosaic's
 * directory. It ends with the process that started it, whatever ends that. */
#ifndef MOSAIC_SERVICE_PRIVATE_H
#define MOSAIC_SERVICE_PRIVATE_H

#include <stddef.h>
#include <stdbool.h>
#include <sys/types.h>

struct mount;

struct private
{
	pid_t pid;       /* of the keeper, a child that has loktfs as its own; 0: there is none */
	int pidfd;       /* the same, even once somebody has waited for it */
	const char *dir; /* the mosaic's; not owned */
};

/* Starts loktfs (the one beside this program, else one in PATH or the sbin directories) with its
 * mount at <dir>/mount and its state in <dir>/mount.state, both made anew, and waits until it
 * serves. `keep` is mosaic_create()'s descriptor: the caller has it, so that nobody else is in the
 * directory, and the keeper has it until all is taken away. Call it before anything else is forked
 * and before signals are blocked. Sets `mount`. Returns 0, or -1 having said why: then nothing is
 * left of it. */
int private_start(struct private *private, const char *dir, int keep, struct mount *mount);

/* Kills loktfs's server, and damages the end of the log before there is another. Returns 0, with what was done
 * in `words`, or an errno. Whoever uses the mount waits meanwhile. */
int private_damage(
	const struct private *private, const struct mount *mount, char *words, size_t room);

/* Whether a mount is the private one of some demo: it goes away when that demo ends. */
bool private_is(const struct mount *mount);

/* Prints how many events the audit log of a mount has, and the last one: a private one is gone soon. */
void private_tell(const struct mount *mount);

/* Ends it, waits for that, and takes away mount point and state; mount.log stays if loktfs had
 * something to say. Nothing if there is none. Call it when nobody uses the mount any more. */
void private_stop(struct private *private);

#endif
