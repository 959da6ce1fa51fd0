/* The keeper of a private mount: a process between the coordinator and loktfs, the child of the one
 * and the parent of the other. It ends loktfs and takes away what that had when it gets SIGTERM: from
 * private_stop(), or from the kernel when the coordinator dies of whatever. */
#ifndef MOSAIC_SERVICE_KEEPER_H
#define MOSAIC_SERVICE_KEEPER_H

#include <limits.h>
#include <sys/types.h>
#include <sys/un.h>

/* What it takes to become one. */
struct keeper {
	const char *dir;                          /* where the mount is to be */
	char program[PATH_MAX];                   /* loktfs, from the root */
	char address[sizeof(struct sockaddr_un)]; /* of `notify`, as sd_notify(3) has it */
	int notify;        /* a socket where loktfs says that it serves; shut down when it ends */
	int messages;      /* a file for what it and the keeper say */
	int lock;          /* keeps others out of the directory; see mosaic_create() */
	pid_t coordinator; /* who forks the keeper */
};

/* In a new process: keeps. It closes all descriptors but those three. */
_Noreturn void keeper_run(const struct keeper *keeper);

#endif
