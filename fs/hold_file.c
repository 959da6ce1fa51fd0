/* locks/<spec>: opening acquires, the last close releases, writing renews, reading shows the hold. */
#include "hold_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "daemon.h"
#include "errors.h"
#include "process.h"
#include "request.h"

/* What few holds need. */
struct hold_more {
	struct text line; /* being read, piece by piece; empty: the next read begins a fresh one */
	size_t at;
	struct fuse_pollhandle *poll; /* of who sleeps in poll(2); NULL: nobody */
	struct list bound;            /* daemon::bound, or alone */
	struct hold *hold;
};

static const struct handle_type hold_type;

static struct hold_more *hold_more(struct hold *hold)
{
	if (!hold->more && (hold->more = calloc(1, sizeof(*hold->more)))) {
		list_init(&hold->more->bound);
		hold->more->hold = hold;
	}
	return hold->more;
}

static void poll_forget(struct hold_more *more)
{
	if (more->poll)
		fuse_pollhandle_destroy(more->poll);
	more->poll = NULL;
}

/* The hold no longer ends with its process, if it did. */
static void hold_unbind(struct hold *hold)
{
	if (list_empty(&hold->more->bound))
		return;
	list_remove(&hold->more->bound);
	process_unwatch(hold->process);
}

static void hold_free(struct hold *hold)
{
	struct hold_more *more = hold->more;

	if (more) {
		hold_unbind(hold);
		poll_forget(more);
		text_finish(&more->line);
	}
	free(more);
	process_put(hold->process);
	free(hold);
}

/* Binds the hold that is asked for to its process. False if that cannot be seen. */
static bool hold_bind(struct daemon *daemon, struct hold *hold)
{
	if (!hold->process || !hold_more(hold) || !process_watch(hold->process))
		return false;
	list_add_before(&daemon->bound, &hold->more->bound);
	return true;
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

static const struct request_type hold_request = {.done = hold_done, .interrupt = hold_interrupt};

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
	handle_init(&hold->handle, &hold_type);
	hold->id = event.id;
	hold->inode = inode->number;
	event.who = request_actor(req, &hold->process);
	if (spec.bind == BIND_PID && !hold_bind(daemon, hold)) {
		fuse_reply_err(req, hold->process ? ENOLCK : EINVAL);
		hold_free(hold);
		return;
	}
	daemon->next_id++;
	request_init(&hold->request, req, &hold_request);
	if (fi->flags & O_NONBLOCK)
		spec.timeout_ms = 0;
	if (spec.owner[0])
		event.who.owner = spec.owner;
	event.spec = &spec;
	event.request = &hold->request;
	host_step(&daemon->host, &event);
	if (spec.bind == BIND_FD && engine_waits(daemon->host.engine, event.id)) {
		process_put(hold->process);
		hold->process = NULL;
	}
}

static void hold_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	struct hold_more *more = hold_more(hold);
	const struct view view = daemon_view(daemon);

	(void)flags;
	if (!more) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	if (offset == 0 || more->line.len == 0) {
		more->line.len = more->at = 0;
		view_hold(&view, hold->id, &more->line);
	}
	if (more->line.failed) {
		text_finish(&more->line);
		fuse_reply_err(req, ENOMEM);
		return;
	}
	size_t left = more->line.len - more->at;
	size_t part = size < left ? size : left;

	fuse_reply_buf(req, more->line.data + more->at, part);
	more->at += part;
	if (part == 0)
		more->line.len = 0;
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
	if (hold->more)
		hold->more->line.len = 0;
	request_command(daemon, req, &event, size);
}

static unsigned hold_poll(
	struct daemon *daemon, struct handle *handle, struct fuse_pollhandle *poll)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	const struct engine *engine = daemon->host.engine;
	unsigned ready = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;

	if (poll && hold_more(hold)) {
		poll_forget(hold->more);
		hold->more->poll = poll;
		engine_watch(daemon->host.engine, hold->id);
	} else if (poll) {
		fuse_pollhandle_destroy(poll);
	}
	if (!engine_holds(engine, hold->id))
		return POLLERR | POLLHUP;
	return engine_waited_for(engine, hold->id) ? ready | POLLPRI : ready;
}

void holds_notify(struct daemon *daemon)
{
	struct request *request;

	while (!daemon->stopping && (request = engine_notice(daemon->host.engine))) {
		struct hold *hold = container_of(request, struct hold, request);

		if (!hold->more || !hold->more->poll)
			continue;
		fuse_lowlevel_notify_poll(hold->more->poll);
		poll_forget(hold->more);
	}
}

/* The next hold that is bound to this process, or NULL. */
static struct hold *bound_find(struct daemon *daemon, const struct process *process)
{
	list_each(item, following, &daemon->bound)
	{
		struct hold *hold = container_of(item, struct hold_more, bound)->hold;

		if (hold->process == process)
			return hold;
	}
	return NULL;
}

void holds_unbind(struct daemon *daemon)
{
	struct process *process;
	struct hold *hold;

	while ((process = process_ended()))
		while ((hold = bound_find(daemon, process))) {
			struct event event = {.kind = EVENT_PRUNE, .id = hold->id};

			event.reason = process_end(process, &event.signal);
			if (event.reason == REASON_NONE)
				event.reason = REASON_UNKNOWN;
			hold_unbind(hold);
			host_step(&daemon->host, &event);
		}
}

static const struct handle_type hold_type = {
	.read = hold_read,
	.write = hold_write,
	.poll = hold_poll,
	.release = hold_release,
};

const struct hold *hold_of(const struct list *open)
{
	const struct handle *handle = container_of(open, const struct handle, open);

	return handle->type == &hold_type ? container_of(handle, const struct hold, handle) : NULL;
}
