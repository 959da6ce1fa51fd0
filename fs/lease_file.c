/* leases/<name>: creating takes a lease, writing or touching renews it, reading shows it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "core/duration.h"
#include "daemon.h"
#include "errors.h"
#include "handle.h"
#include "process.h"
#include "request.h"
#include "revival.h"
#include "text_file.h"

/* An open of a lease; while the engine is asked, a request. */
struct lease_file {
	struct handle handle;
	struct request request;
	struct spec spec;
	uint64_t unique; /* of the kernel's request */
	uint64_t id;     /* of the claim that writing renews; 0: it may not */
	uint64_t inode;  /* 0: the kernel waits for an entry too */
	unsigned writes; /* that are on their way */
	bool taking; /* this descriptor took the lease: a command that is refused gives it back */
	struct text line; /* what a reader sees: the lease as it was at the open */
	char text[];      /* the file's name */
};

static const struct handle_type lease_type;

static void lease_file_free(struct lease_file *file)
{
	text_finish(&file->line);
	free(file);
}

/* Replies that the file is open. */
static void lease_reply(struct daemon *daemon, struct lease_file *file, fuse_req_t req)
{
	struct carry_file filled = {.kind = CARRY_LEASE,
		.inode = file->inode,
		.token = engine_token(daemon->host.engine, file->id),
		.taking = file->taking};
	struct fuse_entry_param entry;

	if (file->inode) {
		handle_reply_open(daemon, req, file->unique, &file->handle, &filled);
	} else if (entry_fill(daemon, INODE_LEASES, file->text, strlen(file->text), &entry)) {
		filled.inode = entry.ino;
		handle_reply_create(daemon, req, file->unique, &entry, &file->handle, &filled);
	} else {
		fuse_reply_err(req, ENOMEM);
		lease_file_free(file);
	}
}

/* The engine has answered whether there is a lease to be renewed. */
static void lease_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct lease_file *file = container_of(request, struct lease_file, request);
	fuse_req_t req = request_take(request);

	if (err != OK) {
		fuse_reply_err(req, errno_of(err));
		lease_file_free(file);
		return;
	}
	file->id = engine_lease(daemon->host.engine, file->spec.names);
	lease_reply(daemon, file, req);
}

static uint64_t lease_unique(const struct daemon *daemon, const struct request *request)
{
	(void)daemon;
	return container_of(request, const struct lease_file, request)->unique;
}

static const struct request_type lease_request = {.done = lease_done, .unique = lease_unique};

/* Steps an event about the lease that this file is of, by the label that its name says. */
static void lease_step(struct daemon *daemon, fuse_req_t req, const struct spec *spec,
	struct event *event, struct request *request)
{
	struct process *process;

	event->spec = spec;
	event->request = request;
	event->who = request_actor(req, &process);
	if (spec->owner[0])
		event->who.owner = spec->owner;
	host_step(&daemon->host, event);
	process_put(process);
}

/* Asks the engine: for the lease, or whether it is the opener's own. */
static void lease_ask(struct daemon *daemon, struct lease_file *file, fuse_req_t req)
{
	struct event event = {.kind = EVENT_LEASE_OPEN};
	const struct carry_promise *promise = request_promised(daemon);

	request_init(&file->request, req, &lease_request);
	if (promise && promise->token) { /* it was taken, and the server died before it said so */
		file->id = engine_replayed(promise->token);
		lease_reply(daemon, file, request_take(&file->request));
		return;
	}
	if (file->taking) {
		event.kind = EVENT_LEASE_TAKE;
		event.id = daemon->next_id++;
		file->spec.ttl_ms = daemon->options.lease_ttl_ms;
	}
	lease_step(daemon, req, &file->spec, &event, &file->request);
}

/* A file for this open; NULL when there is no memory. */
static struct lease_file *lease_file_create(
	const struct daemon *daemon, const char *text, bool readable)
{
	const struct view view = daemon_view(daemon);
	struct lease_file *file = calloc(1, sizeof(*file) + strlen(text) + 1);

	if (!file)
		return NULL;
	handle_init(&file->handle, &lease_type);
	strcpy(file->text, text);
	lease_parse(text, strlen(text), &file->spec);
	if (readable)
		view_lease(&view, file->spec.names, &file->line);
	if (!file->line.failed)
		return file;
	lease_file_free(file);
	return NULL;
}

void lease_file_open(struct daemon *daemon, fuse_req_t req, const char *text, uint64_t inode,
	const struct fuse_file_info *fi)
{
	const int mode = fi->flags & O_ACCMODE;
	const bool takes = fi->flags & (O_TRUNC | (inode ? 0 : O_EXCL));
	struct lease_file *file;

	if (daemon->stopping || (!inode && !takes)) {
		fuse_reply_err(req, daemon->stopping ? ESHUTDOWN : ENOENT);
		return;
	}
	if (!(file = lease_file_create(daemon, text, mode != O_WRONLY))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	file->unique = daemon->unique;
	file->inode = inode;
	file->taking = takes;
	if (mode == O_RDONLY && !takes)
		lease_reply(daemon, file, req);
	else
		lease_ask(daemon, file, req);
}

bool lease_file_revive(struct daemon *daemon, struct carry_file *kept)
{
	const struct inode *inode = inode_find(&daemon->inodes, kept->inode);
	struct lease_file *file;

	if (!inode)
		return false;
	if (!(file = lease_file_create(daemon, inode->text, true)))
		revival_fail();
	file->inode = kept->inode;
	file->id = kept->token ? engine_replayed(kept->token) : 0;
	file->taking = kept->taking;
	handle_revive(&file->handle, kept);
	return true;
}

static void lease_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	(void)daemon;
	(void)flags;
	reply_part(req, &container_of(handle, struct lease_file, handle)->line, size, offset);
}

/* A command that is on its way. */
struct lease_write {
	struct request request;
	struct lease_file *file; /* the kernel does not close it before the reply */
	uint64_t unique;         /* of the kernel's request */
	size_t size;
};

static void write_reply(
	struct daemon *daemon, struct lease_file *file, fuse_req_t req, enum err err, size_t size)
{
	struct event event = {.kind = EVENT_CLOSE, .id = file->id};

	if (err == OK) {
		fuse_reply_write(req, size);
		return;
	}
	if (file->taking)
		host_step(&daemon->host, &event);
	fuse_reply_err(req, errno_of(err));
}

static void write_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct lease_write *write = container_of(request, struct lease_write, request);

	write->file->writes--;
	write_reply(daemon, write->file, request_take(request), err, write->size);
	free(write);
}

static uint64_t write_unique(const struct daemon *daemon, const struct request *request)
{
	(void)daemon;
	return container_of(request, const struct lease_write, request)->unique;
}

static const struct request_type write_request = {.done = write_done, .unique = write_unique};

/* Reads a TTL; an empty line is the one there is. */
static enum err ttl_parse(const char *data, size_t size, uint64_t *ttl_ms)
{
	size_t len = command_len(data, size);

	*ttl_ms = TIME_NONE;
	if (len > 0 && (duration_parse(data, len, ttl_ms) != OK || *ttl_ms == 0))
		return ERR_INVALID;
	return OK;
}

static void lease_write(
	struct daemon *daemon, struct handle *handle, fuse_req_t req, const char *data, size_t size)
{
	struct lease_file *file = container_of(handle, struct lease_file, handle);
	struct event event = {.kind = EVENT_RENEW, .id = file->id};
	struct lease_write *write = calloc(1, sizeof(*write));
	enum err err = ttl_parse(data, size, &event.ttl_ms);

	if (err == OK && daemon->stopping)
		err = ERR_STOPPING;
	if (err == OK && !write)
		err = ERR_NO_MEMORY;
	if (err != OK) {
		free(write);
		write_reply(daemon, file, req, err, size);
		return;
	}
	write->file = file;
	write->unique = daemon->unique;
	write->size = size;
	file->writes++;
	request_init(&write->request, req, &write_request);
	if (request_promised(daemon)) {
		write_done(daemon, &write->request, OK);
		return;
	}
	lease_step(daemon, req, &file->spec, &event, &write->request);
}

static void lease_release(struct daemon *daemon, struct handle *handle)
{
	struct lease_file *file = container_of(handle, struct lease_file, handle);

	if (file->writes) /* the kernel never closes it before the reply; nothing depends on that */
		host_flush(&daemon->host);
	lease_file_free(file);
}

static const struct handle_type lease_type = {
	.read = lease_read,
	.write = lease_write,
	.release = lease_release,
};

/* A setting of times that is on its way. */
struct touch {
	struct request request;
	uint64_t number;
};

static void touch_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct touch *touch = container_of(request, struct touch, request);
	fuse_req_t req = request_take(request);
	struct stat st;

	if (err == OK && attr_fill(daemon, touch->number, &st))
		fuse_reply_attr(req, &st, 0);
	else
		fuse_reply_err(req, err == OK ? ESTALE : errno_of(err));
	free(touch);
}

static const struct request_type touch_request = {.done = touch_done};

void lease_touch(struct daemon *daemon, fuse_req_t req, const struct inode *inode)
{
	struct touch *touch = calloc(1, sizeof(*touch));
	struct event event = {.kind = EVENT_LEASE_RENEW, .ttl_ms = TIME_NONE};
	struct spec spec;

	if (!touch || daemon->stopping) {
		fuse_reply_err(req, touch ? ESHUTDOWN : ENOMEM);
		free(touch);
		return;
	}
	lease_parse(inode->text, strlen(inode->text), &spec);
	touch->number = inode->number;
	request_init(&touch->request, req, &touch_request);
	lease_step(daemon, req, &spec, &event, &touch->request);
}
