/* See handle.h: what open files of every kind have in common. */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon.h"
#include "errors.h"
#include "process.h"

void handle_init(struct handle *handle, const struct handle_type *type)
{
	handle->type = type;
	handle->file = NULL;
}

struct handle *handle_find(const struct daemon *daemon, uint64_t fh)
{
	const struct carry_file *file = carry_file_find(&daemon->carry, fh);

	return file ? file->handle : NULL;
}

void handle_revive(struct handle *handle, struct carry_file *file)
{
	handle->file = file;
	file->handle = handle;
}

/* Enters the file into the table that outlives us. What the kernel is to call it; 0: there are too many. */
static uint64_t handle_enter(struct daemon *daemon, uint64_t unique, struct handle *handle,
	const struct carry_file *filled)
{
	struct carry_file *file = carry_file_add(&daemon->carry, filled, unique);

	handle->file = file;
	if (!file)
		return 0;
	file->handle = handle;
	return carry_file_number(&daemon->carry, file);
}

/* What becomes of the handle by whether the reply arrived. */
static void handle_opened(struct daemon *daemon, struct handle *handle, int err)
{
	if (err != 0) {
		handle->file->undelivered = true;
		daemon->undelivered++;
	}
	handle->file->unique = 0;
}

/* There is no room for one more open file: nobody gets it. */
static void handle_refuse(struct daemon *daemon, fuse_req_t req, struct handle *handle)
{
	fuse_reply_err(req, ENFILE);
	handle_release(daemon, handle);
}

void handle_reply_open(struct daemon *daemon, fuse_req_t req, uint64_t unique,
	struct handle *handle, const struct carry_file *filled)
{
	struct fuse_file_info fi = {
		.fh = handle_enter(daemon, unique, handle, filled), .direct_io = 1};

	if (fi.fh)
		handle_opened(daemon, handle, fuse_reply_open(req, &fi));
	else
		handle_refuse(daemon, req, handle);
}

void handle_reply_create(struct daemon *daemon, fuse_req_t req, uint64_t unique,
	const struct fuse_entry_param *entry, struct handle *handle,
	const struct carry_file *filled)
{
	struct fuse_file_info fi = {
		.fh = handle_enter(daemon, unique, handle, filled), .direct_io = 1};

	if (fi.fh)
		handle_opened(daemon, handle, fuse_reply_create(req, entry, &fi));
	else
		handle_refuse(daemon, req, handle);
}

struct carry_file *handle_release(struct daemon *daemon, struct handle *handle)
{
	struct carry_file *file = handle->file;

	if (file)
		file->handle = NULL;
	handle->type->release(daemon, handle);
	return file;
}

struct handle *handle_next(const struct daemon *daemon, uint64_t *at)
{
	const struct carry *carry = &daemon->carry;

	while (++*at < carry->head->n_files)
		if (carry->files[*at].kind != CARRY_NONE && carry->files[*at].handle)
			return carry->files[*at].handle;
	return NULL;
}

void undelivered_close(struct daemon *daemon)
{
	struct handle *handle;

	for (uint64_t at = 0; daemon->undelivered && (handle = handle_next(daemon, &at));) {
		if (!handle->file->undelivered)
			continue;
		carry_file_remove(&daemon->carry, handle_release(daemon, handle));
		daemon->undelivered--;
	}
}

void handles_close(struct daemon *daemon)
{
	struct handle *handle;

	for (uint64_t at = 0; (handle = handle_next(daemon, &at));)
		handle_release(daemon, handle);
}

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
