/* A command that runs under a lock: started with it, stopped with it, ended with it. */
#ifndef TOOLS_WARD_H
#define TOOLS_WARD_H

#include <stdbool.h>

#include "child.h"
#include "hold.h"

struct mount;

enum on_lost { LOST_KILL, LOST_TERM, LOST_WARN };

struct ward {
	const struct mount *mount;
	const char *names; /* what is held, for messages */
	struct hold hold;  /* the caller takes and drops it */
	enum on_lost on_lost;
	/* The rest is ward_run()'s. */
	struct child child;
	int signals, timer;
	bool warned, lost; /* said that the mount fails us; the hold is gone */
};

/* Runs argv[0] under the hold until it ends, renewing that, forwarding signals, and ending the
 * command when the hold is lost. Returns the exit code. */
int ward_run(struct ward *ward, char **argv);

#endif
