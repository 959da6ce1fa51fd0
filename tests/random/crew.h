/* The processes of the crew, seen from the one that conducts them. */
#ifndef TESTS_RANDOM_CREW_H
#define TESTS_RANDOM_CREW_H

#include <sys/types.h>

#include "worker.h"

struct crew {
	int ours[WORKERS], theirs[WORKERS]; /* the ends of a socket for each */
	int pidfds[WORKERS];                /* -1: there is nobody */
	int *interrupts;                    /* of each, counted by itself; shared memory */
};

void crew_init(struct crew *crew);

/* Starts a worker as this user, in this group besides the user's own (0: in none). Its pid. */
pid_t crew_spawn(struct crew *crew, int worker, uid_t uid, gid_t group);

/* Gets to know a worker that another one forked. */
void crew_adopt(struct crew *crew, int worker, pid_t pid);

void crew_tell(struct crew *crew, int worker, const struct order *order);

/* Waits `ms` for the worker's report. False: none came. */
bool crew_hear(struct crew *crew, int worker, int ms, struct report *report);

void crew_signal(struct crew *crew, int worker, int signal);

/* Interrupts the worker's open, and waits `ms` until it was. False: it was not. */
bool crew_interrupt(struct crew *crew, int worker, int ms);

/* Waits `ms` for the worker's end. False: it lives on. */
bool crew_bury(struct crew *crew, int worker, int ms);

/* Kills everybody who is left. */
void crew_end(struct crew *crew);

#endif
