/* See acts.h. What each seed does much of is chosen once for it: a few names for many, or many for few. */
#include "acts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "people.h"
#include "schedule.h"
#include "story.h"
#include "vdisk.h"

static const char *const specs[] = {
	"a",
	"a",
	"a",
	"a@try",
	"a@timeout=50ms",
	"a@ttl=100ms",
	"a@ttl=30ms,timeout=200ms",
	"b",
	"b",
	"b@try",
	"b@ttl=50ms",
	"b@frozen=wait",
	"b@frozen=wait,timeout=60ms",
	"b@bind=pid",
	"a+b",
	"a+b",
	"a+b@try",
	"a+b@timeout=100ms,ttl=200ms",
	"b+d",
	"a@owner=x",
	"a@bind=pid",
	"d@shared",
	"d@shared",
	"d@shared,timeout=80ms",
	"d@shared,ttl=60ms",
	"d",
	"d@try",
	"c@slots=2",
	"c@slots=2",
	"c@slots=2,ttl=100ms",
	"c@slots=2,try",
	"c@slots=3",
	"b+d@shared",
};
#define SPECS (sizeof(specs) / sizeof(specs[0]))

static uint32_t below(uint32_t n)
{
	return dice_below(&world->dice, n);
}

/* A thread that is in no call, of a process that may yet do something; NULL: there is none. */
static struct thread *somebody(struct process **found)
{
	uint32_t from = below(PEOPLE);

	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct process *process = &world->people[(from + i) % PEOPLE];

		for (unsigned t = 0; process->alive && !process->dying && t < process->n_threads;
			t++)
			if (process->threads[t].op == OP_NONE) {
				*found = process;
				process->threads[t].sleeps = false;
				return &process->threads[t];
			}
	}
	return NULL;
}

/* A descriptor of the process, of a file in this place (PLACES: any); -1 without one. */
static int descriptor(const struct process *process, enum place place)
{
	uint32_t from = below(FDS);

	for (uint32_t i = 0; i < FDS; i++) {
		int fd = (int)((from + i) % FDS);

		if (process->fds[fd] && (place == PLACES || process->fds[fd]->place == place))
			return fd;
	}
	return -1;
}

static const char *name(void)
{
	static const char *const names[] = {"a", "b", "c", "d"};

	return names[below(4)];
}

/* Who was interrupted mostly comes back. */
static bool returns(struct process *process, struct thread *thread)
{
	if (!thread->interrupted || below(3) == 0)
		return false;
	char text[TEXT];

	strcpy(text, thread->wanted);
	thread_open(process, thread, AT_LOCKS, text, O_RDWR);
	return true;
}

static void act_open(struct process *process, struct thread *thread)
{
	struct dice dice = dice_of(world->seed, 0, 97);
	uint32_t span = 3 + dice_below(&dice, SPECS - 3), start = dice_below(&dice, SPECS);

	if (returns(process, thread))
		return;
	const char *spec = specs[(start + below(span)) % SPECS];

	thread_open(process, thread, AT_LOCKS, spec, O_RDWR | (below(12) ? 0 : O_NONBLOCK));
}

/* Does something with a descriptor. */
static void act_use(struct process *process, struct thread *thread)
{
	static const char *const commands[] = {
		"renew\n", "renew", "renew 40ms\n", "renew 10s", "nonsense\n"};
	static const char *const ttls[] = {"50ms\n", "\n", "10m\n", "nonsense\n"};
	int fd = descriptor(process, PLACES);

	if (fd < 0) {
		act_open(process, thread);
		return;
	}
	const struct file *file = process->fds[fd];

	if (file->dead || below(3) == 0)
		process_close(process, fd);
	else if (file->place == AT_ROOT && below(3) && !file->read_by)
		thread_read(process, thread, fd, below(2));
	else if (file->place == AT_ROOT || below(5) == 0)
		thread_poll(process, thread, fd);
	else if (file->place == AT_LOCKS && below(3) == 0)
		thread_read(process, thread, fd, true);
	else if (file->place == AT_LOCKS)
		thread_write(process, thread, fd, commands[below(5)]);
	else if ((file->flags & O_ACCMODE) == O_WRONLY)
		thread_write(process, thread, fd, ttls[below(4)]);
	else
		thread_read(process, thread, fd, true);
}

/* What a thread may do while another of its process waits. */
static void act_beside(struct process *process, struct thread *thread)
{
	int fd = descriptor(process, PLACES);

	if (fd >= 0 && below(2))
		process_close(process, fd);
	else if (fd >= 0 && !process->fds[fd]->dead)
		thread_poll(process, thread, fd);
}

static void act_lease(struct process *process, struct thread *thread)
{
	char text[TEXT];

	snprintf(text, sizeof(text), "%s", name());
	strcat(text, below(4) ? "" : "@owner=x");
	switch (below(6)) {
	case 0:
	case 1:
	case 2: thread_open(process, thread, AT_LEASES, text, O_WRONLY | O_CREAT | O_TRUNC); break;
	case 3: thread_open(process, thread, AT_LEASES, text, O_WRONLY | O_APPEND); break;
	case 4: thread_touch(process, thread, text); break;
	default: thread_unlink(process, thread, AT_LEASES, text);
	}
}

static void act_freeze(struct process *process, struct thread *thread)
{
	const char *what = below(5) ? name() : "@all";

	if (below(3))
		thread_open(process, thread, AT_FREEZES, what, O_WRONLY | O_CREAT | O_TRUNC);
	else
		thread_unlink(process, thread, AT_FREEZES, what);
}

static void act_look(struct process *process, struct thread *thread)
{
	if (below(3))
		thread_open(process, thread, AT_ROOT, "audit", O_RDONLY);
	else if (below(3))
		thread_open(process, thread, AT_STATUS, below(2) ? "a.json" : "b.json", O_RDONLY);
	else
		thread_open(process, thread, AT_ROOT, "status.json", O_RDONLY);
}

/* Breaks a hold: one that there is, mostly. */
static void act_break(struct process *process, struct thread *thread)
{
	const struct judge *judge = &world->judge;
	char text[TEXT];

	if (judge->n_holds == 0 || below(4) == 0) {
		thread_unlink(process, thread, AT_LOCKS, name());
		return;
	}
	const struct hold *hold = &judge->holds[judge->n_holds - 1 - below(judge->n_holds) % 3];

	snprintf(text, sizeof(text), "%s@token=%llu", hold->wish.names[0],
		(unsigned long long)hold->token);
	thread_unlink(process, thread, AT_LOCKS, text);
}

/* Whether another thread of the process is in a call that changes something: the log says which
 * process did what, not which thread. */
static bool sibling_busy(const struct process *process, const struct thread *thread)
{
	for (unsigned t = 0; t < process->n_threads; t++)
		if (&process->threads[t] != thread && process->threads[t].request &&
			process->threads[t].op != OP_READ && process->threads[t].op != OP_POLL)
			return true;
	return false;
}

static void begins(void)
{
	const uint32_t uid = below(3) ? 1000 : below(2) ? 1001 : 0;

	process_fork(NULL, uid, below(6) ? 1 : 2);
}

static void act_call(void)
{
	struct process *process;
	struct thread *thread = somebody(&process);
	uint32_t what = below(100);

	if (!thread)
		begins();
	else if (sibling_busy(process, thread))
		act_beside(process, thread);
	else if (what < 45)
		act_open(process, thread);
	else if (what < 80)
		act_use(process, thread);
	else if (what < 86)
		act_lease(process, thread);
	else if (what < 91)
		act_freeze(process, thread);
	else if (what < 96)
		act_look(process, thread);
	else
		act_break(process, thread);
}

/* Somebody begins, ends, or gets a signal. */
static void act_process(void)
{
	struct process *process = &world->people[below(PEOPLE)];
	struct thread *thread = &process->threads[below(THREADS)];

	if (!process->alive || process->dying) {
		begins();
	} else if (below(4) == 0) {
		process_fork(process, process->uid, 1);
	} else if (thread->request && below(2)) {
		say("%d: gets a signal", process->pid);
		kernel_interrupt(thread->request, false);
	} else if (below(2)) {
		process_end_by(process, below(2) ? SIGKILL : 0);
	}
}

static void act_time(void)
{
	static const uint64_t spans_ms[] = {1, 1, 5, 20, 20, 60, 100, 300, 1100};
	uint64_t ms = spans_ms[below(9)];

	say("%llu ms pass", (unsigned long long)ms);
	time_pass(ms * MS);
	if (below(12) == 0) {
		world->wall_ns += below(2) ? 7200000 * (int64_t)MS : -3600000 * (int64_t)MS;
		say("the clock on the wall is set");
	} else if (below(20) == 0 && !world->busy) {
		world->boot_ns += 30000 * MS;
		world->wall_ns += 30000 * (int64_t)MS;
		say("the machine sleeps for 30 s");
	}
}

/* The disk fails, or is mended. */
static void act_disk(void)
{
	struct disk_faults *faults = &world->faults;

	if (faults->full || faults->sync_bad) {
		*faults = (struct disk_faults){0};
		say("the disk is well again");
	} else if (below(3) == 0) {
		faults->short_writes = 3;
		say("the disk takes less than it is given");
	} else if (below(2)) {
		faults->full = true;
		say("the disk is full");
	} else {
		faults->sync_bad = true;
		say("the disk fails to sync");
	}
}

void act(void)
{
	struct dice dice = dice_of(world->seed, 0, 96);
	uint32_t what = below(100);

	if (what < 64)
		act_call();
	else if (what < 76)
		act_process();
	else if (what < 94)
		act_time();
	else if (what < 97 && dice_once(&dice, 4))
		act_disk();
	else
		kernel_forget();
}
