/* audit and audit.jsonl: the log as a stream that waits for the next event, and as a file that grows.
 *
 * An offset in `audit` is one in the whole log, one in `audit.jsonl` counts from the oldest line that
 * there was when the daemon started, so that its size only grows. Where the oldest of it is gone,
 * reading skips ahead, and a reader of `audit` who was already reading is told how much was missed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/scan.h"
#include "daemon.h"
#include "errors.h"
#include "handle.h"
#include "process.h"
#include "request.h"
#include "revival.h"

/* What a new server needs of a reader stands in handle::file, and only there:
 *
 * uid       of the opener
 * follow    a read at the end waits
 * base      offset in the log of this file's byte 0
 * skipped   bytes of the log that reading in sequence left out so far
 * from      where the last read began: it may come again, from the kernel, after a restart
 * expected  where a read in sequence begins
 * next_seq  of the line that stands there; 0: not known
 * within    the last byte that was read is not the end of a line */
struct audit {
	struct handle handle;
	struct request request;   /* of the open, until it is answered */
	struct carry_file filled; /* until then, of the above */
	uint64_t unique;          /* of that request */
	struct text missed;       /* the line that says what was missed, while it is being read */
	size_t missed_at;
	struct list polled; /* daemon::polled */
	struct fuse_pollhandle *poll;
};

/* A read that waits at the end. */
struct audit_read {
	struct request request;
	struct list link; /* daemon::reads */
	struct audit *audit;
	size_t size;
	uint64_t offset;
	uint32_t wait; /* its entry, see carry_wait */
};

static const struct handle_type audit_type;

/* The engine has answered whether one more may read. */
static void open_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct audit *audit = container_of(request, struct audit, request);
	fuse_req_t req = request_take(request);

	if (err == OK) {
		handle_reply_open(daemon, req, audit->unique, &audit->handle, &audit->filled);
	} else {
		fuse_reply_err(req, errno_of(err));
		free(audit);
	}
}

static const struct request_type open_type = {.done = open_done};

void audit_open(struct daemon *daemon, fuse_req_t req, bool follow, struct fuse_file_info *fi)
{
	struct event event = {.kind = EVENT_ADMIT, .limit = LIMIT_READERS, .amount = 1, .name = ""};
	struct process *process;
	struct audit *audit;

	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!(audit = calloc(1, sizeof(*audit)))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	handle_init(&audit->handle, &audit_type);
	audit->unique = daemon->unique;
	list_init(&audit->polled);
	request_init(&audit->request, req, &open_type);
	event.who = request_actor(req, &process);
	event.request = &audit->request;
	audit->filled = (struct carry_file){.kind = CARRY_AUDIT,
		.uid = event.who.uid,
		.follow = follow,
		.base = follow ? 0 : daemon->carry.head->first};
	host_step(&daemon->host, &event);
	process_put(process);
}

bool audit_revive(struct daemon *daemon, struct carry_file *file)
{
	struct event event = {
		.kind = EVENT_READMIT, .limit = LIMIT_READERS, .amount = 1, .who.uid = file->uid};
	struct audit *audit = calloc(1, sizeof(*audit));

	if (!audit)
		revival_fail();
	handle_init(&audit->handle, &audit_type);
	list_init(&audit->polled);
	handle_revive(&audit->handle, file);
	host_step(&daemon->host, &event);
	return true;
}

/* The `seq` of the first line that begins at or after `offset`; 0 if it cannot be told. */
static uint64_t seq_after(struct daemon *daemon, uint64_t offset)
{
	char data[8192];
	ssize_t len = disk_read(&daemon->host.disk, offset, data, sizeof(data));
	const char *line = data;
	struct scan scan;

	if (len <= 0)
		return 0;
	if (offset > disk_first(&daemon->host.disk) && *data != '{') {
		line = memchr(data, '\n', (size_t)len);
		line = line ? line + 1 : data + len;
	}
	scan = (struct scan){.at = line, .end = data + len};
	for (const char *c = "{\"seq\":"; *c; c++)
		scan_expect(&scan, *c);
	return scan_u64(&scan);
}

/* The reader stands where nothing of the log is any more: puts him where it goes on. */
static void skip_ahead(struct daemon *daemon, struct audit *audit, uint64_t at, uint64_t next)
{
	struct carry_file *file = audit->handle.file;
	uint64_t seq = seq_after(daemon, next);

	if (file->follow && file->next_seq && seq > file->next_seq) {
		audit->missed.len = audit->missed_at = 0;
		text_put(&audit->missed, file->within ? "\n" : ""); /* the rest of it is gone */
		text_put(&audit->missed, "{\"event\":\"missed\",\"count\":");
		text_u64(&audit->missed, seq - file->next_seq);
		text_put(&audit->missed, "}\n");
	}
	file->skipped += next - at;
	file->skipped -= audit->missed.len; /* its bytes count as read too */
	file->next_seq = seq;
	file->within = false;
}

/* Replies with the rest of the line that says what was missed. */
static void missed_reply(struct audit *audit, fuse_req_t req, size_t size)
{
	size_t left = audit->missed.len - audit->missed_at;
	size_t part = size < left ? size : left;

	fuse_reply_buf(req, audit->missed.data + audit->missed_at, part);
	audit->handle.file->expected += part;
	audit->missed_at += part;
	if (audit->missed_at == audit->missed.len)
		audit->missed.len = audit->missed_at = 0;
}

static uint64_t newlines(const char *data, size_t len)
{
	uint64_t count = 0;

	for (const char *end = data + len; (data = memchr(data, '\n', (size_t)(end - data)));
		data++)
		count++;
	return count;
}

/* The reader was put somewhere else: what was skipped counts no more, unless he reads the same again. */
static void put_at(struct audit *audit, uint64_t offset)
{
	struct carry_file *file = audit->handle.file;

	if (offset != file->from)
		file->skipped = 0;
	file->next_seq = 0;
	file->within = false;
	file->expected = offset;
	audit->missed.len = audit->missed_at = 0;
}

/* Replies with what stands at `offset`; false, with no reply, at the end of the log. */
static bool serve(
	struct daemon *daemon, struct audit *audit, fuse_req_t req, size_t size, uint64_t offset)
{
	struct carry_file *file = audit->handle.file;
	char data[65536];
	uint64_t at, next;
	ssize_t len;

	if (offset != file->expected)
		put_at(audit, offset);
	file->from = offset;
	at = file->base + offset + file->skipped;
	next = disk_next(&daemon->host.disk, at);
	if (audit->missed.len == 0 && next != at) {
		skip_ahead(daemon, audit, at, next);
		at = next;
	}
	if (audit->missed.len > 0) {
		missed_reply(audit, req, size);
		return true;
	}
	if (size > sizeof(data))
		size = sizeof(data);
	len = disk_read(&daemon->host.disk, at, data, size);
	if (len == 0)
		return false;
	if (len < 0) {
		fuse_reply_err(req, EIO);
		return true;
	}
	if (file->next_seq == 0)
		file->next_seq = seq_after(daemon, at);
	if (file->next_seq)
		file->next_seq += newlines(data, (size_t)len);
	file->within = data[len - 1] != '\n';
	file->expected = offset + (uint64_t)len;
	fuse_reply_buf(req, data, (size_t)len);
	return true;
}

static void read_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct audit_read *read = container_of(request, struct audit_read, request);
	fuse_req_t req = request_take(request);

	if (err != OK)
		fuse_reply_err(req, err == ERR_INTERRUPTED ? EINTR : EIO);
	else if (!serve(daemon, read->audit, req, read->size, read->offset))
		fuse_reply_buf(req, NULL, 0);
	list_remove(&read->link);
	carry_wait_remove(&daemon->carry, read->wait);
	free(read);
}

static void read_interrupt(struct daemon *daemon, struct request *request)
{
	read_done(daemon, request, ERR_INTERRUPTED);
}

static const struct request_type read_type = {.done = read_done, .interrupt = read_interrupt};

/* Keeps a read until there is something to reply with. */
static void read_park(
	struct daemon *daemon, struct audit *audit, fuse_req_t req, size_t size, uint64_t offset)
{
	struct audit_read *read = calloc(1, sizeof(*read));

	if (!read) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	read->audit = audit;
	read->size = size;
	read->offset = offset;
	read->wait = carry_wait_add(&daemon->carry, daemon->unique);
	list_add_before(&daemon->reads, &read->link);
	request_init(&read->request, req, &read_type);
}

static void audit_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	struct audit *audit = container_of(handle, struct audit, handle);

	if (serve(daemon, audit, req, size, (uint64_t)offset))
		return;
	if (!handle->file->follow || daemon->stopping)
		fuse_reply_buf(req, NULL, 0);
	else if (flags & O_NONBLOCK)
		fuse_reply_err(req, EAGAIN);
	else
		read_park(daemon, audit, req, size, (uint64_t)offset);
}

/* Whether there is something to reply to a read at `offset` with. */
static bool audit_has(const struct daemon *daemon, const struct audit *audit, uint64_t offset)
{
	const struct carry_file *file = audit->handle.file;
	uint64_t skipped = offset == file->expected || offset == file->from ? file->skipped : 0;

	return audit->missed.len > 0 ||
		file->base + offset + skipped < disk_end(&daemon->host.disk);
}

static void poll_forget(struct audit *audit)
{
	if (audit->poll)
		fuse_pollhandle_destroy(audit->poll);
	audit->poll = NULL;
	list_remove(&audit->polled);
}

static unsigned audit_poll(
	struct daemon *daemon, struct handle *handle, struct fuse_pollhandle *poll)
{
	struct audit *audit = container_of(handle, struct audit, handle);

	if (poll) {
		poll_forget(audit);
		audit->poll = poll;
		list_add_before(&daemon->polled, &audit->polled);
	}
	return audit_has(daemon, audit, handle->file->expected) ? POLLIN | POLLRDNORM : 0;
}

static void audit_release(struct daemon *daemon, struct handle *handle)
{
	struct audit *audit = container_of(handle, struct audit, handle);
	struct event event = {.kind = EVENT_DISMISS,
		.limit = LIMIT_READERS,
		.amount = 1,
		.who.uid = handle->file ? handle->file->uid : audit->filled.uid};

	if (!daemon->stopping)
		host_step(&daemon->host, &event);
	list_each(item, following, &daemon->reads) /* the kernel never leaves any */
	{
		struct audit_read *read = container_of(item, struct audit_read, link);

		if (read->audit == audit)
			read_interrupt(daemon, &read->request);
	}
	poll_forget(audit);
	text_finish(&audit->missed);
	free(audit);
}

void audit_wake(struct daemon *daemon)
{
	if (daemon->woken == daemon->host.sealed && !daemon->stopping)
		return;
	daemon->woken = daemon->host.sealed;
	list_each(item, following, &daemon->reads)
	{
		struct audit_read *read = container_of(item, struct audit_read, link);

		if (daemon->stopping || audit_has(daemon, read->audit, read->offset))
			read_done(daemon, &read->request, OK);
	}
	list_each(item, following, &daemon->polled)
	{
		struct audit *audit = container_of(item, struct audit, polled);

		fuse_lowlevel_notify_poll(audit->poll);
		poll_forget(audit);
	}
}

static const struct handle_type audit_type = {
	.read = audit_read,
	.poll = audit_poll,
	.release = audit_release,
};
