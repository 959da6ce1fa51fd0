/* See handle.h: what open files of every kind have in common. */
#include "handle.h"

#include <stdlib.h>

#include "daemon.h"
#include "errors.h"
#include "process.h"

void handle_init(struct handle *handle, const struct handle_type *type)
{
	handle->type = type;
	list_init(&handle->open);
}

/* Counts the handle among the open ones, or among those to close if the reply did not arrive. */
static void handle_opened(struct daemon *daemon, struct handle *handle, int err)
{
	list_add_before(err == 0 ? &daemon->handles : &daemon->undelivered, &handle->open);
}

void handle_reply_open(
	struct daemon *daemon, fuse_req_t req, struct fuse_file_info *fi, struct handle *handle)
{
	fi->fh = (uintptr_t)handle;
	fi->direct_io = 1;
	handle_opened(daemon, handle, fuse_reply_open(req, fi));
}

void handle_reply_create(struct daemon *daemon, fuse_req_t req,
	const struct fuse_entry_param *entry, struct fuse_file_info *fi, struct handle *handle)
{
	fi->fh = (uintptr_t)handle;
	fi->direct_io = 1;
	handle_opened(daemon, handle, fuse_reply_create(req, entry, fi));
}

void handle_release(struct daemon *daemon, struct handle *handle)
{
	list_remove(&handle->open);
	handle->type->release(daemon, handle);
}

void handles_close(struct daemon *daemon, struct list *handles)
{
	while (!list_empty(handles))
		handle_release(daemon, container_of(handles->next, struct handle, open));
}

/* What a text counts for. */
static uint32_t text_kib(const struct text *text)
{
	return (uint32_t)(text->len / 1024 + 1);
}

static void text_file_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct text_file *file = container_of(request, struct text_file, request);
	fuse_req_t req = request_take(request);
	struct fuse_file_info fi = {0};

	if (err == OK) {
		handle_reply_open(daemon, req, &fi, &file->handle);
		return;
	}
	fuse_reply_err(req, errno_of(err));
	text_finish(&file->text);
	free(file);
}

static const struct request_type text_file_request = {.done = text_file_done};

void text_file_open(struct daemon *daemon, fuse_req_t req, struct text_file *file)
{
	struct event event = {.kind = EVENT_ADMIT,
		.limit = LIMIT_VIEWS,
		.amount = text_kib(&file->text),
		.name = "",
		.request = &file->request};
	struct process *process;

	request_init(&file->request, req, &text_file_request);
	if (file->text.failed) {
		text_file_done(daemon, &file->request, ERR_NO_MEMORY);
		return;
	}
	event.who = request_actor(req, &process);
	file->uid = event.who.uid;
	host_step(&daemon->host, &event);
	process_put(process);
}

void text_file_close(struct daemon *daemon, struct text_file *file)
{
	struct event event = {.kind = EVENT_DISMISS,
		.limit = LIMIT_VIEWS,
		.amount = text_kib(&file->text),
		.who.uid = file->uid};

	if (!daemon->stopping)
		host_step(&daemon->host, &event);
	text_finish(&file->text);
}

void reply_part(fuse_req_t req, const struct text *text, size_t size, off_t offset)
{
	size_t at = (size_t)offset < text->len ? (size_t)offset : text->len;
	size_t left = text->len - at;

	fuse_reply_buf(req, left ? text->data + at : NULL, size < left ? size : left);
}
