/* locks/<spec>, once it is open: the last close releases, writing renews, reading shows the hold. */
#include "hold_file.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "daemon.h"
#include "process.h"
#include "request.h"
#include "revival.h"
#include "wire.h"

/* What few holds need. */
struct hold_more {
	struct text line;             /* being read, piece by piece */
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

void hold_free(struct hold *hold)
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

bool hold_bind(struct daemon *daemon, struct hold *hold)
{
	if (!hold->process || !hold_more(hold) || !process_watch(hold->process))
		return false;
	list_add_before(&daemon->bound, &hold->more->bound);
	return true;
}

void hold_rewatch(struct daemon *daemon, struct hold *hold)
{
	struct event event = {.kind = EVENT_PRUNE, .id = hold->id, .reason = REASON_UNKNOWN};

	hold->process = process_revive(engine_process(daemon->host.engine, hold->id));
	if (!hold->process && errno != ESRCH)
		revival_fail();
	if (!engine_bound(daemon->host.engine, hold->id))
		return;
	if (!hold->process) /* it ended meanwhile */
		host_step(&daemon->host, &event);
	else if (!hold_more(hold))
		revival_fail();
	else
		hold_bind(daemon, hold); /* if it cannot be watched, closing ends it */
}

void holds_rewatch(struct daemon *daemon)
{
	struct handle *handle;

	/* Those that are bound first: the others can do without a pidfd. */
	for (int bound = 1; bound >= 0; bound--)
		for (uint64_t at = 0; (handle = handle_next(daemon, &at));) {
			struct hold *hold = container_of(handle, struct hold, handle);

			if (handle->type == &hold_type &&
				engine_bound(daemon->host.engine, hold->id) == bound)
				hold_rewatch(daemon, hold);
		}
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
	else if (engine_process(daemon->host.engine, hold->id).pid > 0)
		event.reason = REASON_UNKNOWN; /* it ended while there was no server */
	host_step(&daemon->host, &event);
	if (daemon->host.fx->n_answers > answers) /* the next holder is waiting for just this */
		host_flush(&daemon->host);
	hold_free(hold);
}

void hold_init(struct hold *hold)
{
	*hold = (struct hold){0};
	handle_init(&hold->handle, &hold_type);
}

bool hold_revive(struct daemon *daemon, struct carry_file *file)
{
	struct hold *hold = malloc(sizeof(*hold));

	if (!hold)
		revival_fail();
	hold_init(hold);
	hold->id = engine_replayed(file->token);
	if (!engine_adopt(daemon->host.engine, hold->id, &hold->request)) { /* it is released */
		free(hold);
		return false;
	}
	handle_revive(&hold->handle, file);
	return true;
}

/* Where in its line a read of a hold begins, 0: before it. What a new server needs to know of that stands in
 * handle::file:
 *
 * from      where the last read began: it may come again, from the kernel, after a restart
 * next_seq  the number of its request
 * expected  where the next one begins
 * skipped   how long the line was */
static size_t hold_place(const struct daemon *daemon, const struct hold *hold, off_t offset)
{
	const struct carry_file *file = hold->handle.file;

	if (offset == 0)
		return 0;
	return file->next_seq == wire_order(daemon->unique) ? file->from : file->expected;
}

/* Notes that so much is read, in an order that leaves no lie behind. */
static void hold_place_set(
	const struct daemon *daemon, const struct hold *hold, size_t from, size_t part)
{
	struct carry_file *file = hold->handle.file;

	file->skipped = hold->more->line.len;
	file->from = from;
	in_this_order();
	file->next_seq = wire_order(daemon->unique);
	in_this_order();
	file->expected = part ? from + part : 0;
}

/* Makes the line that is read from `at` on; it may have gone with an earlier server, half read. False: there is
 * no memory. */
static bool hold_line(struct daemon *daemon, struct hold *hold, size_t *at)
{
	const struct view view = daemon_view(daemon);
	struct text *line = &hold->more->line;

	if (*at > 0 && line->len > 0)
		return true;
	line->len = 0;
	view_hold(&view, hold->id, line);
	if (line->failed) {
		text_finish(line);
		return false;
	}
	if (*at > 0 && (*at > line->len || *at == hold->handle.file->skipped)) /* all was read */
		*at = line->len;
	return true;
}

static void hold_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	struct hold *hold = container_of(handle, struct hold, handle);
	struct hold_more *more = hold_more(hold);
	size_t at = hold_place(daemon, hold, offset);

	(void)flags;
	if (!more || !hold_line(daemon, hold, &at)) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	size_t left = more->line.len - at;
	size_t part = size < left ? size : left;

	hold_place_set(daemon, hold, at, part);
	fuse_reply_buf(req, more->line.data + at, part);
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
	handle->file->expected = 0; /* what is read next is a fresh line */
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

uint64_t hold_inode(const struct hold *hold)
{
	return hold->handle.file->inode;
}

const struct hold *hold_of(const struct handle *handle)
{
	return handle->type == &hold_type ? container_of(handle, const struct hold, handle) : NULL;
}
