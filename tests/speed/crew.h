/* A crew: processes that all do the same work at the same time, and the memory they share. */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One member's count, on a cache line of its own. */
struct tally {
	alignas(64) atomic_ulong cycles;
};

/* What the members and their parent share. */
struct crew_board {
	int gate;           /* the other end: reading it waits for the start */
	atomic_int ready;   /* members that are set up */
	atomic_bool stop;   /* finish the cycle at hand and leave */
	atomic_bool failed; /* some member gave up; it has said why on stderr */
	/* Who is between crew_enter and crew_leave, from 1; 0: nobody. On a line of its own. */
	alignas(64) atomic_int owner;
	atomic_ulong violations; /* how often somebody else was there already */
	struct tally tallies[];  /* one per member */
};

struct crew {
	int gate; /* the start signal is closing this end of the pipe */
	struct crew_board *board;
	pid_t *pids; /* 0: not started, or gone */
	int size;
};

/* What a member does, in its own process, from its start to board->stop; false if it failed. */
typedef bool crew_work(struct crew_board *, int id, void *arg);

/* Zeroed memory shared with the processes forked later; NULL with errno set. Never given back. */
void *shared_create(size_t bytes);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);

/* Sleeps for that time, or less when a signal comes. */
void pause_ns(uint64_t ns);

/* Starts `size` processes; they die with their parent. False with errno set, and no process left. One
   crew a program: what it takes is never freed. */
bool crew_start(struct crew *, int size, crew_work *, void *arg);

/* Waits until every member has called crew_ready, then lets them all go; false if one failed. */
bool crew_go(struct crew *);

/* Waits until every member was seen asleep once: parked in the lock. False after `limit_ns`. */
bool crew_await_sleep(const struct crew *, uint64_t limit_ns);

/* Tells the members to stop and waits for them; false if one failed or broke the exclusion, which is
   said on stderr. */
bool crew_finish(struct crew *);

/* For members: set up; waits for the start. */
void crew_ready(struct crew_board *);

/* For members: around the critical section of a lock that all share. They prove that it excludes. */
void crew_enter(struct crew_board *, int id);
void crew_leave(struct crew_board *);

/* For members: says on stderr what failed with which errno, and stops the crew. Returns false. */
bool crew_fail(struct crew_board *, const char *what, int err);
