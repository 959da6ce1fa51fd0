/* The kernel's side of a mount: a socket pair in the place of /dev/fuse, with the daemon's own loop
 * at its other end. Whatever the kernel asks has to be answered, once, and in the right shape. */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <linux/fuse.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/daemon.h"

#define ASKED_MAX 512     /* requests in one run */
#define KNOWN_MAX 64      /* inodes and open files that are remembered; the rest are forgotten */
#define MESSAGE_MAX 70000 /* bytes of a request or a reply */

/* What the daemon finds when it reads. */
enum turn {
	TURN_REQUEST, /* one was sent */
	TURN_PAUSE,   /* nothing now: it ends its batch, and fires what is due */
	TURN_DEATH,   /* it dies where it stands, and another server goes on */
	TURN_END,     /* the mount is gone */
};

/* A request that was sent. */
struct asked {
	uint64_t unique;
	uint32_t opcode;
	uint64_t node;
	bool resent, answered;
	uint32_t life; /* which server answered */
	int error;     /* of the answer, an errno */
	size_t len;
	char *message; /* to send it again; owned */
};

/* A file that is open. */
struct opened {
	uint64_t fh, node;
	bool directory;
	bool open; /* and not yet released */
};

struct kernel {
	struct daemon daemon;
	enum turn (*next)(struct kernel *kernel); /* whose story it is */
	void *story;
	void (*begun)(struct kernel *kernel); /* told when a server begins; NULL: does not care */
	const char *directory;                /* of the log */
	int near, far;   /* the ends of the socket pair: the daemon's, and ours */
	int lock, carry; /* what outlives a server */
	size_t queued;   /* messages that it has not read */
	jmp_buf death;   /* where to go on when it dies */
	unsigned
		dies_in; /* twice so many replies later; odd: before the last of them is sent; 0: it does not */
	bool over;          /* the mount is gone */
	uint64_t polls;     /* the highest handle of a poll(2) that the daemon was told */
	unsigned refused;   /* so many replies find nobody who waits for them */
	uint32_t resent_to; /* the last server that had requests sent again */
	uint32_t uid, gid;
	int32_t pid;
	size_t n_asked, n_opened, n_nodes;
	struct asked asked[ASKED_MAX]; /* request number i + 1, whose `unique` is twice that */
	struct opened opened[KNOWN_MAX];
	uint64_t nodes[KNOWN_MAX];
	size_t reply_len;
	char reply[MESSAGE_MAX]; /* the last answer, its header left out */
};

/* Starts a daemon on an empty directory, runs its loop until TURN_END, another one after each TURN_DEATH, and
 * takes it down. Everything that was asked has been answered then. The story fills in what else of the
 * kernel it needs when it is first asked for a turn. */
void kernel_run(struct kernel *kernel, enum turn (*next)(struct kernel *), void *story);

/* From now on this is the kernel that the daemon speaks to. */
void kernel_speak(struct kernel *kernel);

/* Sends a request with this body: exactly as it is, or, where the kernel would, with a bit that says
 * that it was sent before. What was sent, or NULL when it may send no more. */
struct asked *kernel_ask(
	struct kernel *kernel, uint32_t opcode, uint64_t node, const void *body, size_t len);
bool kernel_ask_again(struct kernel *kernel, struct asked *asked);

/* Sends bytes that need not be a request; none has the `unique` of another. */
void kernel_noise(struct kernel *kernel, char *noise, size_t len);

/* Sends the request that opens a session. */
struct asked *kernel_hello(struct kernel *kernel);

/* Sends a request to close the open file. */
struct asked *kernel_close(struct kernel *kernel, struct opened *opened);

#endif
