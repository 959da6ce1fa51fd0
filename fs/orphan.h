/* Holds that outlive their mount. When all of Lokt is gone its mount is dead, but the descriptors
 * of it stay open, in the opener or in a child that works under them. The next start keeps each
 * such hold until no process has a descriptor of it any more, its TTL passes, or somebody breaks
 * it.
 *
 * Closing a descriptor of a dead mount is not told to the daemon of the next one, so the processes that have
 * one are looked at every second, and all when those have none any more. Once seen, a file is listened to
 * (closes.h): while it was not closed its hold stays, whoever has it. Several holds by one spec cannot be told
 * apart: they all stay while anybody has a descriptor by it. What cannot be seen stays: a hold
 * whose opener was not to be seen when it was granted, all of them if the processes are not
 * (another pid namespace than the old daemon's, hidepid=), and those that a process may have that
 * we may not look into: its opener, or one that began later. But once nobody has anything of the
 * old mount, which /sys tells (mountpoint_number()), all of its holds are over. A descriptor on its
 * way through a socket counts; one that was never seen, being a mapping alone (mmap(2)) by then, or passed to
 * and fro at each look, is missed. (/proc/PID/maps would tell, but reading it may wait for as long as the memory
 * of that process is locked.) */
#ifndef FS_ORPHAN_H
#define FS_ORPHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "closes.h"
#include "core/record.h"

struct daemon;
struct orphan;

struct orphans {
	struct orphan *all; /* owned; by their names */
	struct keeper {
		uint64_t id;
		int32_t pid;
	} * keepers; /* of the same, by id; owned, or NULL */
	size_t count;
	char mounts[DETAIL_MAX + 1]; /* which they may be of */
	struct closes closes;        /* what becomes of their files */
	uint64_t next_ns; /* when to look again, CLOCK_MONOTONIC; it counts while there are any */
};

/* The log was replayed: looks at every hold of a mount before this one, which nobody adopted, and
 * says of each why it stays, or how it ended. */
void orphans_recover(struct daemon *daemon);

/* When orphans_look() is due, on CLOCK_MONOTONIC; UINT64_MAX while there are none. */
uint64_t orphans_deadline(const struct daemon *daemon);

/* Looks again, and ends those that nobody has any more. */
void orphans_look(struct daemon *daemon);

/* Some process that is watched has ended: orphans_look() is due now. */
void orphans_hurry(struct daemon *daemon);

/* Whether any process has a descriptor of file `inode` of our own mount, or may have, which is that
 * of hold `id`. Those by one spec cannot be told apart. */
bool orphan_has_descriptor(struct daemon *daemon, uint64_t id, uint64_t inode);

/* The process that was seen to have this one; 0: nobody was. `daemon` as view::context. */
int32_t orphan_keeper(const void *daemon, uint64_t id);

void orphans_finish(struct daemon *daemon);

#endif
