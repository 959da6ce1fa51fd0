/* A lock service of the demo's own, for when there is none: loktfs as a child process, mounted
 * within the mosaic's directory. It ends with the process that started it, whatever ends that. */
#ifndef MOSAIC_PRIVATE_H
#define MOSAIC_PRIVATE_H

#include <sys/types.h>

struct mount;

struct private
{
	pid_t pid;       /* of loktfs; 0: none */
	const char *dir; /* the mosaic's, not owned */
};

/* Starts loktfs (the one beside this program, else one in PATH or the sbin directories) with its
 * mount at <dir>/mount and its state in <dir>/mount.state, both made anew, and waits until it
 * serves. Sets `mount`. Returns 0, or -1 having said why: then nothing is left of it. */
int private_start(struct private *private, const char *dir, struct mount *mount);

/* Unmounts, ends it and takes away mount point and state. Nothing if there is none. */
void private_stop(struct private *private);

#endif
