/* See handle.h: what open files of every kind have in common. */
#include "handle.h"

#include <errno.h>

#include "daemon.h"

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
