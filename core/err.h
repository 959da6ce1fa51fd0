/* The ways a request can end: what the engine answers in place of an errno. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

/* fs/errno.c maps these to errno; the contract's table of errors is the source. */
enum err {
	OK = 0,
	ERR_INVALID,     /* bad spec, bad command, a duration out of range */
	ERR_TOO_LONG,    /* a name over 128, an owner over 64 or a spec over 255 bytes */
	ERR_WOULD_WAIT,  /* `try`, and it would have to wait */
	ERR_TIMEOUT,     /* waited `timeout` */
	ERR_FROZEN,      /* the name, or everything, is frozen */
	ERR_INTERRUPTED, /* the wait was interrupted; the place is kept for a while */
	ERR_LOG,         /* the log cannot be written: nothing is granted */
	ERR_STOPPING,    /* the daemon is being stopped for good */
	ERR_LOST,        /* the hold is lost: its TTL passed or somebody broke it */
	ERR_HELD,        /* removing a name that is held */
	ERR_ABSENT,      /* there is no such hold, freeze or name */
	ERR_EXISTS,      /* taking a lease on a name that is held */
	ERR_DEADLOCK,    /* everybody it waits for waits for it */
	ERR_LIMIT,       /* a limit of this user, or of all, is reached */
	ERR_PERMISSION,  /* somebody else's */
	ERR_NO_MEMORY,   /* an allocation failed; nothing has changed */
	ERR_CORRUPT,     /* a log line that fails its check or contradicts those before it */
};

#endif
