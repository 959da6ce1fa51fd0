/* locks/<spec>: opening acquires, the last close releases, writing renews, reading shows the hold. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "daemon.h"
#include "errors.h"
#include "handle.h"
#include "process.h"
#include "request.h"

/* A line that is being read, piece by piece. */
struct reading {
	struct text line; /* empty: the next read begins a fresh one */
	size_t at;
};

/* An open of a lock: a request while it waits, a handle once it is granted. A waiter is one of
 * these, one claim and libfuse's request, so it is kept small. */
struct hold {
	struct handle handle;
	struct request request;
	uint64_t id;
	struct process *process;
	struct reading *reading; /* owned; NULL until it is read */
};

static const struct handle_type hold_type;

static void hold_free(struct hold *hold)
{
	if (hold->reading)
		text_finish(&hold->reading->line);
	free(hold->reading);
	process_put(hold->process);
	free(hold);
}

/* Tells the engine that the last descriptor is gone, and how. */
static void hold_release(struct daemon *daemon, struct handle *handle)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	struct event event = {.kind = EVENT_CLOSE, .id = hold->id};
	const size_t answers = daemon->host.fx->n_answers;

	if (daemon->stopping) { /* the log has its last line; the next start says what became of it */
		hold_free(hold);
		return;
	}
	if (hold->process)
		event.reason = process_end(hold->process, &event.signal);
	host_step(&daemon->host, &event);
	if (daemon->host.fx->n_answers > answers) /* the next holder is waiting for just this */
		host_flush(&daemon->host);
	hold_free(hold);
}

static void hold_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct hold *hold = container_of(request, struct hold, request);
	fuse_req_t req = request_take(request);
	struct fuse_file_info fi = {0};

	if (err != OK) {
		fuse_reply_err(req, errno_of(err));
		hold_free(hold);
		return;
	}
	if (!hold->process) /* it was let go of for the time of the wait */
		hold->process = process_again(engine_process(daemon->host.engine, hold->id));
	handle_reply_open(daemon, req, &fi, &hold->handle);
}

static void hold_interrupt(struct daemon *daemon, struct request *request)
{
	struct event event = {
		.kind = EVENT_INTERRUPT, .id = container_of(request, struct hold, request)->id};

	host_step(&daemon->host, &event);
}

/* Whether the kernel opens the file for itself, to ask for the flags that lsattr(1) shows: a look, and
 * looking never acquires. No program of a 64-bit machine can open without O_LARGEFILE. */
static bool is_kernels_own(const struct fuse_file_info *fi)
{
	return sizeof(void *) == 8 && fi->flags == O_RDONLY;
}

void hold_open(
	struct daemon *daemon, fuse_req_t req, const struct inode *inode, struct fuse_file_info *fi)
{
	struct event event = {.kind = EVENT_ACQUIRE, .id = daemon->next_id};
	struct spec spec;
	struct hold *hold;
	enum err err =
		spec_parse(inode->text, strlen(inode->text), &daemon->options.defaults, &spec);

	if (daemon->stopping)
		err = ERR_STOPPING;
	if (err == OK && spec.token) /* names a grant to remove, not one to ask for */
		err = ERR_INVALID;
	if (err == OK && is_kernels_own(fi)) {
		fuse_reply_err(req, ENOTTY);
		return;
	}
	if (err != OK || !(hold = calloc(1, sizeof(*hold)))) {
		fuse_reply_err(req, err != OK ? errno_of(err) : ENOMEM);
		return;
	}
	daemon->next_id++;
	handle_init(&hold->handle, &hold_type);
	hold->id = event.id;
	request_init(&hold->request, req, hold_done);
	request_may_wait(&hold->request, hold_interrupt);
	if (fi->flags & O_NONBLOCK)
		spec.timeout_ms = 0;
	event.who = request_actor(req, &hold->process);
	if (spec.owner[0])
		event.who.owner = spec.owner;
	event.spec = &spec;
	event.request = &hold->request;
	host_step(&daemon->host, &event);
	if (engine_waits(daemon->host.engine, event.id)) {
		process_put(hold->process);
		hold->process = NULL;
	}
}

static void hold_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	struct reading *reading = hold->reading;
	const struct view view = daemon_view(daemon);

	(void)flags;
	if (!reading && !(reading = hold->reading = calloc(1, sizeof(*reading)))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if (offset == 0 || reading->line.len == 0) {
		reading->line.len = reading->at = 0;
		view_hold(&view, hold->id, &reading->line);
	}
	if (reading->line.failed) {
		text_finish(&reading->line);
		fuse_reply_err(req, ENOMEM);
		return;
	}
	size_t left = reading->line.len - reading->at;
	size_t part = size < left ? size : left;

	fuse_reply_buf(req, reading->line.data + reading->at, part);
	reading->at += part;
	if (part == 0)
		reading->line.len = 0;
}

/* Reads `renew` or `renew DUR`. */
static bool renew_parse(const char *data, size_t size, uint64_t *ttl_ms)
{
	size_t len = command_len(data, size);

	*ttl_ms = TIME_NONE;
	if (len < 5 || memcmp(data, "renew", 5) != 0)
		return false;
	if (len == 5)
		return true;
	return data[5] == ' ' && duration_parse(data + 6, len - 6, ttl_ms) == OK && *ttl_ms > 0;
}

static void hold_write(
	struct daemon *daemon, struct handle *handle, fuse_req_t req, const char *data, size_t size)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	struct event event = {.kind = EVENT_RENEW, .id = hold->id};

	if (!renew_parse(data, size, &event.ttl_ms)) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	if (hold->reading)
		hold->reading->line.len = 0;
	request_command(daemon, req, &event, size);
}

static unsigned hold_poll(
	struct daemon *daemon, struct handle *handle, struct fuse_pollhandle *poll)
{
	const struct hold *hold = container_of(handle, struct hold, handle);

	if (poll)
		fuse_pollhandle_destroy(poll);
	return engine_holds(daemon->host.engine, hold->id)
		? POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM
		: POLLERR | POLLHUP;
}

static const struct handle_type hold_type = {
	.read = hold_read,
	.write = hold_write,
	.poll = hold_poll,
	.release = hold_release,
};
