/* Who has an orphan, as far as can be seen. */
#ifndef FS_SIGHT_H
#define FS_SIGHT_H

#include "closes.h"
#include "core/engine.h"
#include "mounts.h"
#include "search.h"

/* How often is looked for what was not seen: descriptors move about, so one may be missed, but hardly each time. */
#define PASSES 6

/* How a hold is known to be had; what counts for more comes later. */
enum sight {
	SIGHT_NONE,   /* not at all */
	SIGHT_BLIND,  /* that cannot be seen */
	SIGHT_HIDDEN, /* a process may have it that cannot be looked into … */
	SIGHT_PASSED, /* … or to which descriptors are on their way */
	SIGHT_OPEN,   /* it is open still, in a process that was not seen */
	SIGHT_SEEN,   /* a process has a descriptor that may be of it */
};

/* To whom a hold was granted. */
struct grant {
	struct process_id holder;
	uint32_t uid;
	uint64_t at_ns; /* CLOCK_MONOTONIC: on CLOCK_BOOTTIME, as a process's start, it was no
			   earlier */
};

/* A hold of a mount that is gone. */
struct orphan {
	uint64_t id;
	char *names, *owner; /* owned */
	enum mode mode;
	enum bind bind;
	uint32_t slots;
	struct grant grant;
	enum sight sight;
	struct process_id keeper; /* whom that is about; {0} for SIGHT_BLIND and SIGHT_OPEN */
	struct process_id said;   /* whom the log says it of */
	struct process *opener;   /* the holder; NULL: it is gone, or not to be seen */
	struct process *process;  /* the keeper, watched; NULL: nobody, or it cannot be */
	bool looked;              /* at its keeper, in this round */
	int watch;                /* of its file, see closes.h; 0: none */
	bool open;                /* the file was not closed since it was seen */
};

/* One look for some orphans, sorted by their names. What it sees stands in them: who is seen once
 * is not looked for any more. */
struct look {
	struct orphan *orphans;
	size_t count;
	struct mounts mounts;
	const struct spec_defaults *defaults;
	struct closes *closes;
	struct process_id process; /* the last that was found */
};

/* Looks at one process. */
void look_at(struct look *look, int32_t pid);

/* Looks at all processes until each orphan is seen with somebody. False: not every one may have
 * been seen. */
bool look_at_all(struct look *look);

/* A process that may have descriptors which are not seen. */
struct hider {
	struct process_id process;
	uint32_t uid;
	enum hiding hiding;
};
struct hider hider_of(int32_t pid, enum hiding hiding);

/* Whether it may have one of the hold: it is the opener, or began later and may have inherited it.
 * Descriptors on their way count if they are the same user's: or else anybody could keep what is
 * others'. */
bool hider_may_have(const struct hider *hider, const struct grant *grant);

int orphan_compare(const void *a, const void *b);

#endif
