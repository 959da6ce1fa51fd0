/* One process of the crew: it does to files what it is told, one thing after the other, and knows
 * nothing of what should come of it. */
#ifndef TESTS_RANDOM_WORKER_H
#define TESTS_RANDOM_WORKER_H

#include "act.h"

#define LINE_MAX_LEN 1000

enum deed {
	DEED_OPEN,   /* `path` with `flags`, into `slot`; again after EINTR */
	DEED_DUP,    /* one descriptor more in `slot` */
	DEED_CLOSE,  /* the newest of `slot` */
	DEED_WRITE,  /* `text` to `slot` */
	DEED_READ,   /* the line of `slot` */
	DEED_POLL,   /* `slot`, without waiting */
	DEED_PUT,    /* opens `path` with `flags`, writes `text`, closes */
	DEED_SHOW,   /* opens `path`, reads a line, closes */
	DEED_TOUCH,  /* as touch(1) does */
	DEED_UNLINK, /* `path` */
	DEED_FORK,   /* a child, which listens at the end of number `slot` */
	DEED_EXIT,
};

struct order {
	enum deed deed;
	int slot, flags;
	char path[2 * TEXT_MAX], text[TEXT_MAX];
};

struct report {
	int err;   /* an errno, or 0 */
	int value; /* the child's pid; what poll(2) said */
	char text[LINE_MAX_LEN];
};

/* Listens at `ends[self]` until there is nobody at the other end any more, and counts in
 * `interrupts[self]`, which is shared memory, how often an open was interrupted. Never returns. */
_Noreturn void worker_run(const int ends[WORKERS], int *interrupts, int self);

#endif
