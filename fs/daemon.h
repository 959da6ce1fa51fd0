/* What the files of the daemon share. */
#ifndef FS_DAEMON_H
#define FS_DAEMON_H

#include <stdbool.h>
#include <stdint.h>

#include "core/list.h"
#include "core/view.h"
#include "host.h"
#include "inode.h"
#include "options.h"

struct fuse_req;
struct fuse_session;

#define RELEASES_MAX 64 /* replies to a close that may be put off: nobody waits for one */

struct daemon {
	struct options options;
	struct host host;
	struct inodes inodes;
	struct fuse_session *session;
	struct list
		interrupted; /* of struct request: marked by libfuse, not yet told to the engine */
	struct list handles; /* of struct handle: open files */
	struct list undelivered; /* the same: opened for somebody who was gone by then */
	struct list openings;    /* of struct opening: views to render after the batch's answers */
	struct list reads;       /* of struct audit_read: waiting for the next event */
	struct list polled;      /* of struct audit: somebody sleeps in poll(2) on it */
	struct list bound;       /* of struct hold_more: holds that end with their process */
	char device[32];         /* mountpoint_device() of the mount, once it was needed */
	struct fuse_req *releases[RELEASES_MAX]; /* to be answered after the batch's answers */
	size_t n_releases;
	uint64_t woken;    /* host::sealed when the readers of the log were last woken */
	uint64_t next_id;  /* of the next claim */
	uint64_t first;    /* disk_first() at the start: where audit.jsonl begins */
	uint64_t requests; /* read from the kernel */
	struct now started;
	bool ready;    /* the kernel has said hello */
	bool stopping; /* no more waiting */
};

/* What the views need. */
struct view daemon_view(const struct daemon *daemon);

#endif
