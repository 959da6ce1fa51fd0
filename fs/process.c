/* See process.h. Costs here, from fact 7: /proc/TID/status 11 us, a pidfd 5, a poll of one 0.3; so a
 * process is read once, and asked after through descriptors that are kept. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "core/list.h"
#include "core/tree.h"
#include "proc.h"

#define FRESH_NS 10000000 /* how long a look at a pidfd is good for: no number comes round sooner */
#define KEPT_MAX 512      /* processes kept that nobody refers to */

/* linux/pidfd.h of 6.13 and later; the C library's headers here are older. */
struct pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define PIDFD_GET_INFO _IOWR(0xFF, 11, struct pidfd_info)
#define PIDFD_INFO_EXIT (1ULL << 3)
#define PIDFD_THREAD O_EXCL

struct process {
	struct tree_node by_pid; /* processes */
	struct list idle;        /* kept: the longest idle first; alone while referred to */
	struct process_id id;
	int pidfd; /* -1: there were no descriptors left for it */
	int statm; /* /proc/PID/statm, opened when first needed; -1 before */
	unsigned references, watchers;
	uint64_t checked_ns; /* when it was last seen to run, CLOCK_MONOTONIC */
	bool ended;          /* no longer in `processes` */
};

static int pid_compare(const void *key, const struct tree_node *node)
{
	int32_t a = *(const int32_t *)key,
		b = container_of(node, const struct process, by_pid)->id.pid;

	return a < b ? -1 : a > b;
}

static struct tree processes = {.compare = pid_compare};
static struct list kept = {&kept, &kept};
static unsigned kept_count;
static unsigned open_count, open_max; /* pidfds, and how many there may be */
static int watched_fd = -1;           /* epoll(7) on the pidfds of those that are watched */

static int pidfd_open(int32_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

/* Whether the process or thread of this pidfd still runs. */
static bool quiet(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) != 1;
}

static void process_destroy(struct process *process)
{
	if (!process->ended)
		tree_remove(&processes, &process->by_pid);
	if (!list_empty(&process->idle)) {
		list_remove(&process->idle);
		kept_count--;
	}
	if (process->pidfd >= 0) {
		close(process->pidfd);
		open_count--;
	}
	if (process->statm >= 0)
		close(process->statm);
	free(process);
}

/* Whether this very process still runs. */
static bool process_runs(const struct process *process)
{
	struct stat_line stat;

	if (process->pidfd >= 0)
		return quiet(process->pidfd);
	return stat_read(process->id.pid, &stat) && stat.start_ns == process->id.start_ns &&
		stat.state != 'Z';
}

/* A pidfd to keep, at the cost of one that nobody needs if there are too many; -1 without one. */
static int pidfd_keep(int32_t pid)
{
	int pidfd = -1;

	if (open_count >= open_max && !list_empty(&kept))
		process_destroy(container_of(kept.next, struct process, idle));
	if (open_count < open_max && (pidfd = pidfd_open(pid, 0)) >= 0)
		open_count++;
	return pidfd;
}

/* Takes a process out of the table: its number may be somebody else's now. */
static void process_retire(struct process *process)
{
	if (process->references == 0) {
		process_destroy(process);
		return;
	}
	tree_remove(&processes, &process->by_pid);
	process->ended = true;
}

/* Counts a process that runs among the known. */
static struct process *process_create(struct process_id id)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	list_init(&process->idle);
	process->id = id;
	process->pidfd = pidfd_keep(id.pid);
	process->statm = -1;
	tree_insert(&processes, &id.pid, &process->by_pid);
	return process;
}

/* Reads a process that is not known yet. NULL if it has ended. Without /proc its start is not known; its
 * pidfd is enough to tell it from another. */
static struct process *process_read(int32_t pid)
{
	struct stat_line before, after;

	if (!proc_is_ours())
		return process_create((struct process_id){pid, 0});
	if (!stat_read(pid, &before))
		return NULL;
	struct process *process = process_create((struct process_id){pid, before.start_ns});

	/* The pidfd may be of a process that has the number since. */
	if (process && !(stat_read(pid, &after) && after.start_ns == before.start_ns)) {
		process_destroy(process);
		return NULL;
	}
	return process;
}

static struct process *process_ref(struct process *process)
{
	if (process->references++ == 0 && !list_empty(&process->idle)) {
		list_remove(&process->idle);
		kept_count--;
	}
	return process;
}

/* The known process of this number that still runs, or NULL. */
static struct process *process_known(int32_t pid)
{
	struct tree_node *node = tree_find(&processes, &pid);
	struct process *process = node ? container_of(node, struct process, by_pid) : NULL;
	uint64_t now_ns = clock_mono_coarse();

	if (!process || now_ns - process->checked_ns < FRESH_NS)
		return process;
	if (process_runs(process)) {
		process->checked_ns = now_ns;
		return process;
	}
	process_retire(process);
	return NULL;
}

/* The process that a thread belongs to; 0 if it cannot be seen. Older kernels' pidfds do not tell. */
static int32_t group_of(int32_t tid)
{
	struct pidfd_info info = {0};
	int fd = pidfd_open(tid, PIDFD_THREAD);
	bool told = fd >= 0 && ioctl(fd, PIDFD_GET_INFO, &info) == 0;

	if (fd >= 0)
		close(fd);
	return told ? (int32_t)info.tgid : proc_group(tid);
}

struct process *process_get(int32_t tid)
{
	struct process *process;
	int32_t pid;

	if (tid <= 0)
		return NULL;
	if ((process = process_known(tid)))
		return process_ref(process);
	pid = group_of(tid);
	if (pid <= 0)
		return NULL;
	if (pid != tid && (process = process_known(pid)))
		return process_ref(process);
	process = process_read(pid);
	return process ? process_ref(process) : NULL;
}

struct process *process_again(struct process_id id)
{
	struct process *process = id.pid > 0 ? process_known(id.pid) : NULL;

	if (!process && id.pid > 0)
		process = process_create(id);
	return process ? process_ref(process) : NULL;
}

/* Whether the process has ended; what cannot be read has not. */
static bool has_ended(struct process_id id)
{
	struct stat_line stat;

	if (!stat_read(id.pid, &stat))
		return errno == ESRCH;
	return stat.start_ns != id.start_ns || (stat.state == 'Z' && !proc_has_thread(id.pid));
}

struct process *process_revive(struct process_id id)
{
	struct process *process = id.pid > 0 ? process_known(id.pid) : NULL;
	const bool known = process && process->id.start_ns == id.start_ns;

	errno = ESRCH;
	if (id.pid <= 0 || (process && !known))
		return NULL;
	if (!process && !(process = process_create(id)))
		return NULL;
	if (!known && id.start_ns && has_ended(id)) {
		process_destroy(process);
		errno = ESRCH;
		return NULL;
	}
	process->checked_ns = clock_mono_coarse();
	return process_ref(process);
}

void process_put(struct process *process)
{
	if (!process || --process->references > 0)
		return;
	if (process->ended) {
		process_destroy(process);
		return;
	}
	list_add_before(&kept, &process->idle);
	if (++kept_count > KEPT_MAX)
		process_destroy(container_of(kept.next, struct process, idle));
}

struct process_id process_id(const struct process *process)
{
	return process->id;
}

bool process_has_opened(struct process_id id)
{
	const struct process *process = process_known(id.pid);

	return process && process->id.start_ns == id.start_ns && process->references > 0;
}

/* Whether the process still has memory of its own: one that exits gives it up before its files. This
 * is the way that every release goes, so it asks for nothing: no advice about no memory. Without the
 * right to give advice, statm says it too, in zeros. */
static bool has_memory(struct process *process)
{
	char text[16];

	if (process->pidfd < 0)
		return false; /* let the slow way tell */
	if (process_madvise(process->pidfd, NULL, 0, MADV_COLD, 0) == 0)
		return true;
	if (errno == ESRCH)
		return false;
	if (!proc_is_ours())
		return quiet(process->pidfd);
	if (process->statm < 0)
		process->statm = proc_open(process->id.pid, "statm");
	ssize_t len = process->statm < 0 ? -1 : pread(process->statm, text, sizeof(text), 0);

	return len > 1 && !(text[0] == '0' && text[1] == ' ');
}

/* The exit status of a process that has ended, after its parent reaped it too (kernel 6.15). */
static int exit_code_of(const struct process *process)
{
	struct pidfd_info info = {.mask = PIDFD_INFO_EXIT};

	if (ioctl(process->pidfd, PIDFD_GET_INFO, &info) == 0 && (info.mask & PIDFD_INFO_EXIT))
		return info.exit_code;
	return -1;
}

enum reason process_end(struct process *process, int32_t *signal)
{
	struct stat_line stat;
	int code = -1;

	*signal = 0;
	if (has_memory(process)) {
		process->checked_ns = clock_mono_coarse(); /* its next open need not ask */
		return REASON_NONE;
	}
	if (stat_read(process->id.pid, &stat) && stat.start_ns == process->id.start_ns) {
		if (proc_has_thread(process->id.pid))
			return REASON_NONE;
		code = stat.exit_code;
	}
	if (code <= 0) {
		int told = exit_code_of(process);

		code = told >= 0 ? told : code;
	}
	if (code < 0)
		return REASON_UNKNOWN;
	*signal = code & 0x7f;
	return *signal ? REASON_KILLED : REASON_EXITED;
}

bool process_watch(struct process *process)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = process};

	if (watched_fd < 0)
		watched_fd = epoll_create1(EPOLL_CLOEXEC);
	if (process->watchers == 0 &&
		(process->pidfd < 0 || watched_fd < 0 ||
			epoll_ctl(watched_fd, EPOLL_CTL_ADD, process->pidfd, &event) != 0))
		return false;
	process->watchers++;
	return true;
}

void process_unwatch(struct process *process)
{
	if (--process->watchers == 0)
		epoll_ctl(watched_fd, EPOLL_CTL_DEL, process->pidfd, NULL);
}

int processes_watched_fd(void)
{
	return watched_fd;
}

struct process *process_ended(void)
{
	struct epoll_event event;

	if (watched_fd < 0 || epoll_wait(watched_fd, &event, 1, 0) != 1)
		return NULL;
	struct process *process = event.data.ptr;

	epoll_ctl(watched_fd, EPOLL_CTL_DEL, process->pidfd, NULL);
	return process;
}

const char *process_status(struct process_id id)
{
	struct tree_node *node = tree_find(&processes, &id.pid);
	const struct process *process = node ? container_of(node, struct process, by_pid) : NULL;
	struct stat_line stat;

	if (id.pid == 0)
		return "unknown";
	if (process && process->id.start_ns == id.start_ns)
		return process_runs(process) ? "alive" : "dead";
	if (!stat_read(id.pid, &stat) || stat.start_ns != id.start_ns || stat.state == 'Z')
		return "dead";
	return "alive";
}

size_t process_family(int32_t tid, struct process_id *family, size_t room)
{
	struct process *process = process_get(tid);

	if (!process)
		return 0;
	size_t count = proc_family(process->id.pid, family, room);

	if (count == 0 && room > 0) /* no /proc to be believed: itself at least */
		family[count++] = process->id;
	process_put(process);
	return count;
}

void processes_init(unsigned descriptors)
{
	open_max = descriptors;
}

void processes_finish(void)
{
	struct tree_node *node;

	while ((node = tree_first(&processes)))
		process_destroy(container_of(node, struct process, by_pid));
	if (watched_fd >= 0)
		close(watched_fd);
	watched_fd = -1;
}
