/* Another program is to serve a mount from now on: who asks for it is heard, and the program tried out first. Nobody
 * waits for that meanwhile but who asked: a program may do anything, and never end. */
#ifndef FS_UPGRADE_H
#define FS_UPGRADE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "options.h"

#define ROLE_TRY "--try" /* the first argument of a program that is asked whether it could go on */

struct upgrade {
	int listener; /* see control.h; -1: there is none */
	int caller;   /* who has called, and said nothing yet; -1: nobody */
	int client;   /* who asked, and waits for the answer; -1: there is no upgrade */
	int program;  /* that is tried out, or, once it is in its place, the one that was there */
	int trial;    /* a pidfd; -1: the program is in its place */
	int said;     /* what it says meanwhile; -1: nothing */
	pid_t pid;    /* of the trial; 0: there is none */
	uint64_t until_ns; /* when it is late, CLOCK_MONOTONIC */
	bool deaf;         /* nobody can call: that was said */
	int carry;         /* which the program has to understand; not ours */
};

enum upgrade_news {
	UPGRADE_NO_NEWS,
	UPGRADE_FITS, /* the program can be put in its place */
	UPGRADE_LATE, /* it is there, and does not serve */
};

/* `carry`: what a server leaves to the next one, see carry.h. */
void upgrade_init(struct upgrade *upgrade, int carry);

/* Begins to hear who asks, or does so anew where the socket is gone with its directory. */
void upgrade_listen(struct upgrade *upgrade, const struct options *options, const char *mount);

/* What poll(2) is to wait for, for so many milliseconds at most; and what came of it. */
#define UPGRADE_FDS 3
void upgrade_poll(const struct upgrade *upgrade, struct pollfd fds[UPGRADE_FDS]);
int upgrade_patience(const struct upgrade *upgrade);
enum upgrade_news upgrade_handle(struct upgrade *upgrade, const struct pollfd fds[UPGRADE_FDS],
	const struct options *options);

/* Gives the program for the one that was there, which is kept; and so back. */
int upgrade_swap(struct upgrade *upgrade, int program);

/* Whether the program is in its place, and it is not known yet whether it serves. */
bool upgrade_is_placed(const struct upgrade *upgrade);

/* It is over: who asked is told. `refusal` NULL: it is done. What is still of it is given back. */
void upgrade_end(struct upgrade *upgrade, const char *refusal);

/* What a program that is tried out does: looks at what is carried over, reads the log, and changes nothing. The exit
 * code. */
int upgrade_tried(const struct options *options, int carry);

#endif
