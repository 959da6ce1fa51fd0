/* What the files of the daemon share. */
#ifndef FS_DAEMON_H
#define FS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "carry.h"
#include "core/list.h"
#include "core/view.h"
#include "host.h"
#include "inode.h"
#include "options.h"
#include "orphan.h"

struct fuse_req;
struct fuse_session;
struct kept;
struct revival;

#define RELEASES_MAX 64 /* replies to a close that may be put off: nobody waits for one */

struct daemon {
	struct options options;
	struct host host;
	struct inodes inodes;
	struct fuse_session *session;
	void *buffer; /* of the request that is read; owned */
	struct list
		interrupted;  /* of struct request: marked by libfuse, not yet told to the engine */
	struct list openings; /* of struct opening: views to render after the batch's answers */
	struct list reads;    /* of struct audit_read: waiting for the next event */
	struct list polled;   /* of struct audit: somebody sleeps in poll(2) on it */
	struct list bound;    /* of struct hold_more: holds that end with their process */
	char device[32];      /* of the mount, as /proc/PID/mountinfo writes it */
	struct orphans orphans;  /* holds of mounts before this one */
	struct kept *kept;       /* what outlives us: descriptors */
	int supervisor_fd;       /* readable when the supervisor has died; -1: there is none */
	uint64_t supervisor_ns;  /* when another one is to be started; 0: there is one */
	struct carry carry;      /* what the next server would need */
	struct revival *revival; /* what the one before left to do; NULL when that is done */
	struct {
		struct fuse_req *req;
		struct carry_file *file; /* to be forgotten; NULL: it was */
	} releases[RELEASES_MAX];        /* to be answered after the batch's answers */
	size_t n_releases;
	unsigned undelivered; /* opened for somebody who was gone by then, and to be closed */
	uint64_t woken;       /* host::sealed when the readers of the log were last woken */
	uint64_t next_id;     /* of the next claim */
	uint64_t doubt_ns;    /* when doubts_settle() is due; NEVER */
	uint32_t
		requeued; /* the entry of the request that is being handled, if it waited before a restart */
	uint64_t unique;   /* the kernel's number for the request that is being handled */
	uint64_t token;    /* of the grant whose answer is being given; 0: it is another answer */
	uint64_t requests; /* read from the kernel */
	bool ready;        /* the kernel has said hello */
	bool stopping;     /* no more waiting */
	bool heard;  /* libfuse has called one of our operations for the request at hand … */
	bool lacked; /* … or had no memory for it, and it has to be done again */
};

/* Makes a server of a zeroed daemon with its options: reads the log in `state`, whose lock `lock` is, and what was
 * carried over. False after a message; daemon_finish() takes everything back in any case. */
bool daemon_init(struct daemon *daemon, const char *state, int lock, int carry);
void daemon_finish(struct daemon *daemon);

/* What the views need. */
struct view daemon_view(const struct daemon *daemon);

#endif
