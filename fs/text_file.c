/* See text_file.h. */
#include "text_file.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon.h"
#include "errors.h"
#include "process.h"

/* What a text of this length counts for. */
static uint32_t text_kib(uint64_t len)
{
	return (uint32_t)(len / 1024 + 1);
}

static void text_file_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct text_file *file = container_of(request, struct text_file, request);
	const struct carry_file filled = {
		.kind = file->kind, .inode = file->inode, .uid = file->uid, .len = file->text.len};
	fuse_req_t req = request_take(request);

	if (err == OK) {
		handle_reply_open(daemon, req, file->unique, &file->handle, &filled);
		return;
	}
	fuse_reply_err(req, errno_of(err));
	text_finish(&file->text);
	free(file);
}

static uint64_t text_file_unique(const struct daemon *daemon, const struct request *request)
{
	(void)daemon;
	return container_of(request, const struct text_file, request)->unique;
}

static const struct request_type text_file_request = {
	.done = text_file_done, .unique = text_file_unique};

void text_file_open(struct daemon *daemon, fuse_req_t req, struct text_file *file)
{
	struct event event = {.kind = EVENT_ADMIT,
		.limit = LIMIT_VIEWS,
		.amount = file->charged = text_kib(file->text.len),
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

void text_file_revive(struct daemon *daemon, struct text_file *file, struct carry_file *kept)
{
	struct event event = {.kind = EVENT_READMIT,
		.limit = LIMIT_VIEWS,
		.amount = text_kib(kept->len),
		.who.uid = kept->uid};

	file->kind = kept->kind;
	file->inode = kept->inode;
	file->uid = kept->uid;
	file->charged = event.amount;
	file->stale = true;
	handle_revive(&file->handle, kept);
	host_step(&daemon->host, &event);
}

bool text_file_ready(struct text_file *file, fuse_req_t req, off_t offset,
	void (*render)(struct daemon *, struct text_file *), struct daemon *daemon)
{
	if (!file->stale)
		return true;
	if (offset == 0) {
		render(daemon, file);
		file->stale = file->text.failed;
		if (!file->stale) {
			file->handle.file->len = file->text.len;
			return true;
		}
		text_finish(&file->text);
		fuse_reply_err(req, ENOMEM);
	} else if ((uint64_t)offset >= file->handle.file->len) {
		fuse_reply_buf(req, NULL, 0);
	} else {
		fuse_reply_err(req, ESTALE);
	}
	return false;
}

void text_file_close(struct daemon *daemon, struct text_file *file)
{
	struct event event = {.kind = EVENT_DISMISS,
		.limit = LIMIT_VIEWS,
		.amount = file->charged,
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
