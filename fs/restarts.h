/* When another server is started in the place of one that died, and when none is any more. It has no clock of its own:
 * every time is CLOCK_MONOTONIC, in nanoseconds.
 *
 * One that served and was killed is replaced at once. One that came to nothing is put off, twice as long each time; too
 * many of them, or of such as served and died of themselves, and every request is refused while there is none: nobody
 * is to wait for one that may never come. Then it is tried ever more rarely, and after ten minutes no more. */
#ifndef FS_RESTARTS_H
#define FS_RESTARTS_H

#include <stdbool.h>
#include <stdint.h>

#define RESTARTS_RARELY_S 10 /* between two tries at last */

struct restarts {
	uint64_t next_ns; /* when the next one may be started; NEVER: by an upgrade alone */
	bool refusing;
	unsigned delay_ms;  /* that it was last put off by */
	unsigned stillborn; /* in a row */
	unsigned crashes;   /* of such as served, since … */
	uint64_t crashes_ns;
	uint64_t served_ns;   /* when the last one began to serve */
	uint64_t refusing_ns; /* since when none has served for a minute; 0: one has */
};

enum restarts_news {
	RESTARTS_GO_ON,    /* another one is started */
	RESTARTS_REFUSE,   /* from now on every request is refused while there is none */
	RESTARTS_REFUSING, /* it is still so */
	RESTARTS_END,      /* there will be no more */
};

/* A server has died that was not told to, of `signal` (0: that is not known); `served`: it had come to that. A
 * SIGKILL from outside is nothing that the next one would die of too. */
enum restarts_news restarts_died(
	struct restarts *restarts, bool served, int signal, uint64_t now_ns);

/* A server serves. Whether every request was refused until now. */
bool restarts_served(struct restarts *restarts, uint64_t now_ns);

/* No server could be started: before long it can. */
void restarts_starved(struct restarts *restarts, uint64_t now_ns);

/* Another program is to be started: what became of the one before does not count. */
void restarts_anew(struct restarts *restarts);

#endif
