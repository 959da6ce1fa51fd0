/* See deadlock.h. */
#include "deadlock.h"

#include <string.h>

#include "daemon.h"
#include "hold_file.h"
#include "proc.h"
#include "process.h"

#define LOOKS 16      /* at suspects, before the next requests get their turn */
#define FILES_MAX 64  /* descriptors of ours that one process may have … */
#define HOLDS_MAX 256 /* … and holds that they may be of */

/* The next open hold after place `*at`; NULL: no more. */
static const struct hold *hold_next(const struct daemon *daemon, uint64_t *at)
{
	const struct hold *hold = NULL;
	struct handle *handle;

	while (!hold && (handle = handle_next(daemon, at)))
		hold = hold_of(handle);
	return hold;
}

/* When the oldest hold was granted, as the start of a process is told; UINT64_MAX: there is none. */
static uint64_t oldest_ns(const struct daemon *daemon)
{
	uint64_t oldest = UINT64_MAX;
	const struct hold *hold;

	for (uint64_t at = 0; (hold = hold_next(daemon, &at));) {
		uint64_t granted = engine_granted_ns(daemon->host.engine, hold->id);

		if (engine_holds(daemon->host.engine, hold->id) && granted < oldest)
			oldest = granted;
	}
	return oldest;
}

/* Whether the process may have a descriptor of a hold at all: one that it opened, or one that it may have
 * inherited, being younger than the oldest. This saves most looks at /proc. */
static bool may_have(const struct daemon *daemon, struct process_id process)
{
	return process.pid > 0 &&
		(process_has_opened(process) ||
			process.start_ns + PROC_TICK_NS >= oldest_ns(daemon));
}

/* What the descriptors of one file may be of. */
struct candidates {
	unsigned own; /* how many holds the process itself has opened by it */
	bool lost;    /* one of them holds no more */
	bool older;   /* another was opened before the process began: it may have inherited that */
};

static struct candidates candidates_of(
	const struct daemon *daemon, uint64_t inode, struct process_id process)
{
	const struct engine *engine = daemon->host.engine;
	struct candidates found = {0};
	const struct hold *hold;

	for (uint64_t at = 0; (hold = hold_next(daemon, &at));) {
		if (hold_inode(hold) != inode)
			continue;
		bool own = process_same(engine_process(engine, hold->id), process);

		found.own += own;
		found.lost |= !engine_holds(engine, hold->id);
		found.older |= !own && engine_granted_ns(engine, hold->id) <= process.start_ns;
	}
	return found;
}

/* The slots that a file's name asks for; 0 if it is not one of locks/. */
static uint32_t slots_of(const struct daemon *daemon, uint64_t number)
{
	const struct inode *inode = inode_find(&daemon->inodes, number);
	struct spec spec;

	if (!inode || inode->dir != INODE_LOCKS ||
		spec_parse(inode->text, strlen(inode->text), &daemon->options.defaults, &spec) !=
			OK)
		return 0;
	return spec.slots;
}

/* What a process was seen to have. */
struct look {
	struct process_id process;
	uint64_t holds[HOLDS_MAX];
	size_t count;
	bool complete; /* nothing else */
};

/* Adds the holds that a descriptor of this file says the process has. All the holds by one spec keep others
 * away alike, so it need not be told which of them; of slots it must, since one that somebody else
 * gives back would be enough. */
static void look_add(const struct daemon *daemon, struct look *look, uint64_t inode)
{
	const struct engine *engine = daemon->host.engine;
	const struct candidates found = candidates_of(daemon, inode, look->process);
	const uint32_t slots = slots_of(daemon, inode);
	const struct hold *hold;

	if (slots == 0)
		return;
	if (found.lost || (slots > 1 && (found.own != 1 || found.older))) {
		look->complete = false;
		return;
	}
	for (uint64_t at = 0; (hold = hold_next(daemon, &at));) {
		if (hold_inode(hold) != inode)
			continue;
		if (look->count == HOLDS_MAX)
			look->complete = false;
		else if (slots == 1 ||
			process_same(engine_process(engine, hold->id), look->process))
			look->holds[look->count++] = hold->id;
	}
}

/* Looks at a process by its descriptors. */
static void look_at(struct daemon *daemon, struct look *look)
{
	uint64_t inodes[FILES_MAX];
	int count;

	count = proc_descriptors(look->process, daemon->device, inodes, FILES_MAX);
	look->complete = count >= 0;
	for (int i = 0; i < count; i++)
		look_add(daemon, look, inodes[i]);
}

/* Looks at what the waiter's process has, and tells the engine. */
static void suspect_look(struct daemon *daemon, uint64_t id)
{
	struct look look = {
		.process = engine_process(daemon->host.engine, id), .count = 0, .complete = true};

	if (may_have(daemon, look.process))
		look_at(daemon, &look);
	struct event event = {.kind = EVENT_SUSPECT,
		.id = id,
		.holds = look.holds,
		.n_holds = look.count,
		.complete = look.complete};

	host_step(&daemon->host, &event);
	host_flush(&daemon->host);
}

bool deadlocks_look(struct daemon *daemon)
{
	uint64_t id = 0;

	for (int i = 0; i < LOOKS && (id = engine_suspect(daemon->host.engine)) != 0; i++)
		suspect_look(daemon, id);
	return id != 0;
}
