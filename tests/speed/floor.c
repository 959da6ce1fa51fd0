/*
 * The floor: the least that a lock as a FUSE file can cost. Stock libfuse, one blocking loop, one
 * queue per name, nothing else: no log, no rights, no time-outs. tests/bench measures Lokt by it.
 *
 * MOUNT/locks/<name> exists for every name; open() takes the lock or waits, the last close() frees it.
 *
 * Not crippled either. What is known to cost cycles is left out: FLUSH is answered ENOSYS once and
 * then never sent, names and attributes are cached for a day, the grant goes out before the answer
 * to the RELEASE that allows it.
 */
#define FUSE_USE_VERSION 314

#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

enum { DAY_S = 86400, LOCKS_INO = 2, NAME_BYTES = 129 };

/* An open that waits for its lock. */
struct waiter {
	fuse_req_t req;
	struct fuse_file_info fi;
	bool interrupted;
	STAILQ_ENTRY(waiter) link; /* lock::waiters */
};

/* A name somebody has looked up. Its address is its inode number; it is never freed. */
struct lock {
	char name[NAME_BYTES];
	bool held;
	STAILQ_HEAD(, waiter) waiters; /* in order of arrival */
	SLIST_ENTRY(lock) link;        /* locks */
};

static SLIST_HEAD(, lock) locks = SLIST_HEAD_INITIALIZER(locks);

/* Some waiter is marked as interrupted: look for it once the request at hand is done. */
static bool interrupts;

static struct lock *lock_of(fuse_ino_t ino)
{
	return (struct lock *)(uintptr_t)ino;
}

/* The lock called `name`, made on first use; NULL without memory. A list will do for the search: with
   entries cached for a day, each name is looked up once. */
static struct lock *lock_find(const char *name)
{
	struct lock *lock;

	SLIST_FOREACH(lock, &locks, link)
	{
		if (strcmp(lock->name, name) == 0)
			return lock;
	}
	lock = calloc(1, sizeof(*lock));
	if (lock == NULL)
		return NULL;
	memcpy(lock->name, name, strlen(name) + 1);
	STAILQ_INIT(&lock->waiters);
	SLIST_INSERT_HEAD(&locks, lock, link);
	return lock;
}

/* Gives a lock that was just freed to the first waiter that still wants it. */
static void lock_grant(struct lock *lock)
{
	while (!lock->held && !STAILQ_EMPTY(&lock->waiters)) {
		struct waiter *waiter = STAILQ_FIRST(&lock->waiters);

		STAILQ_REMOVE_HEAD(&lock->waiters, link);
		/* Non-zero: the opener is gone, and the kernel took no notice of the answer. */
		lock->held = fuse_reply_open(waiter->req, &waiter->fi) == 0;
		free(waiter);
	}
}

/* Answers EINTR to the marked waiters. An interrupted open must be answered, or its process cannot
   even be killed. */
static void interrupts_answer(void)
{
	struct lock *lock;
	struct waiter *waiter, *next;

	interrupts = false;
	SLIST_FOREACH(lock, &locks, link)
	{
		for (waiter = STAILQ_FIRST(&lock->waiters); waiter != NULL; waiter = next) {
			next = STAILQ_NEXT(waiter, link);
			if (!waiter->interrupted)
				continue;
			STAILQ_REMOVE(&lock->waiters, waiter, waiter, link);
			fuse_reply_err(waiter->req, EINTR);
			free(waiter);
		}
	}
}

/* libfuse calls this with the request locked: only mark here. */
static void waiter_interrupt(fuse_req_t req, void *data)
{
	struct waiter *waiter = data;

	(void)req;
	waiter->interrupted = true;
	interrupts = true;
}

static struct stat stat_of(fuse_ino_t ino)
{
	bool dir = ino == FUSE_ROOT_ID || ino == LOCKS_INO;

	return (struct stat){
		.st_ino = ino, .st_nlink = 1, .st_mode = dir ? S_IFDIR | 0755 : S_IFREG | 0666};
}

static void floor_init(void *data, struct fuse_conn_info *conn)
{
	(void)data;
	/* Past max_background requests in flight the kernel lets later opens overtake releases. */
	conn->max_background = 65535;
	conn->congestion_threshold = 65535;
}

static void floor_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.attr_timeout = DAY_S, .entry_timeout = DAY_S};

	if (parent == FUSE_ROOT_ID && strcmp(name, "locks") == 0)
		entry.ino = LOCKS_INO;
	else if (parent == LOCKS_INO && strlen(name) < NAME_BYTES)
		entry.ino = (uintptr_t)lock_find(name);
	else {
		fuse_reply_err(req, ENOENT);
		return;
	}
	entry.attr = stat_of(entry.ino);
	if (entry.ino == 0)
		fuse_reply_err(req, ENOMEM);
	else
		fuse_reply_entry(req, &entry);
}

static void floor_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st = stat_of(ino);

	(void)fi;
	fuse_reply_attr(req, &st, DAY_S);
}

static void floor_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct lock *lock = lock_of(ino);
	struct waiter *waiter;

	fi->direct_io = 1;
	if (!lock->held) {
		lock->held = fuse_reply_open(req, fi) == 0;
		return;
	}
	waiter = calloc(1, sizeof(*waiter));
	if (waiter == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	waiter->req = req;
	waiter->fi = *fi;
	STAILQ_INSERT_TAIL(&lock->waiters, waiter, link);
	fuse_req_interrupt_func(req, waiter_interrupt, waiter);
}

static void floor_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct lock *lock = lock_of(ino);

	(void)fi;
	lock->held = false;
	lock_grant(lock);
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops floor_ops = {
	.init = floor_init,
	.lookup = floor_lookup,
	.getattr = floor_getattr,
	.open = floor_open,
	.release = floor_release,
};

/* One request after the other until the mount is gone or a signal says so; 0, or -errno. */
static int floor_loop(struct fuse_session *session)
{
	struct fuse_buf buf = {0};
	int got = 0;

	while (!fuse_session_exited(session)) {
		got = fuse_session_receive_buf(session, &buf);
		if (got == -EINTR)
			continue;
		if (got <= 0)
			break;
		fuse_session_process_buf(session, &buf);
		if (interrupts)
			interrupts_answer();
	}
	free(buf.mem);
	return fuse_session_exited(session) || got > 0 ? 0 : got;
}

int main(int argc, char **argv)
{
	char names[] = "-osubtype=floor,fsname=floor";
	char *options[] = {argv[0], names, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(2, options);
	struct fuse_session *session;
	int status = EXIT_FAILURE;

	if (argc != 2) {
		fprintf(stderr, "usage: floor MOUNTPOINT\n");
		return EXIT_FAILURE;
	}
	session = fuse_session_new(&args, &floor_ops, sizeof(floor_ops), NULL);
	if (session == NULL)
		goto out;
	if (fuse_set_signal_handlers(session) != 0)
		goto out_session;
	if (fuse_session_mount(session, argv[1]) != 0)
		goto out_signals;
	if (floor_loop(session) == 0)
		status = EXIT_SUCCESS;
	fuse_session_unmount(session);
out_signals:
	fuse_remove_signal_handlers(session);
out_session:
	fuse_session_destroy(session);
out:
	fuse_opt_free_args(&args);
	return status;
}
