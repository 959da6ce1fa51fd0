/* The two processes start each other: the same program, in another role, with what outlives either of them. */
#ifndef FS_SPAWN_H
#define FS_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "options.h"

#define ROLE_SERVE "--serve"         /* the first argument of the server … */
#define ROLE_SUPERVISE "--supervise" /* … and of a supervisor that takes over a server which runs */

/* What is handed over; in the started process these are descriptors 3, 4, …. */
struct kept {
	int fuse;  /* /dev/fuse, as long as it is open the mount lives */
	int carry; /* see carry.h */
	int lock;  /* of the state directory */
	int ready; /* a pipe that is told when the server serves; -1: nobody listens */
};

/* The descriptors that this process was started with; they are inherited no further. */
void kept_take(struct kept *kept);

/* The program that runs, however its file is called by now. A descriptor, or -1. */
int program_open(void);

/* Starts `program` in a role, with these options. Its process id, or -1. */
pid_t spawn(int program, const char *role, const struct options *options, const struct kept *kept);

/* The same in this process, which keeps its number. Returns only if that cannot be. */
void become(int program, const char *role, const struct options *options, const struct kept *kept);

/* Whether the process of such a descriptor has ended. */
bool process_has_ended(int fd);

/* A descriptor that poll(2) finds readable when the process has ended, or -1. */
int process_fd(pid_t pid);

#endif
