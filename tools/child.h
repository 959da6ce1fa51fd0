/* The command that guard runs: started under the lock, stopped, continued and ended with it. */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include <signal.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int pidfd; /* becomes readable when it ends */
};

/* Runs argv[0] with `fd` left open to it (LOKT_FD in its environment says which), the signal mask
 * `mask` and the action `chld` for SIGCHLD. It is killed when the calling process dies, even by
 * SIGKILL. Returns 0 or an errno; a command that cannot be run is a child that ends with 127 (not
 * found) or 126, having said so. */
int child_start(struct child *child, char **argv, int fd, const sigset_t *mask,
	const struct sigaction *chld);

/* Sends `sig` to the command, and with `all` to every process below it as well. */
void child_signal(const struct child *child, int sig);
void child_signal_all(const struct child *child, int sig);

/* Kills the command and all that is below it, also what that starts meanwhile. */
void child_kill_all(const struct child *child);

/* Stops the command and what is below it: politely, and after half a second for certain. */
void child_stop(const struct child *child);

/* Once its pidfd is readable: its exit code, or 128+n for signal n. */
int child_finish(struct child *child);

#endif
