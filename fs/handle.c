/* See handle.h: what open files of every kind have in common. */
#include "handle.h"

#include "daemon.h"

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

void reply_part(fuse_req_t req, const struct text *text, size_t size, off_t offset)
{
	size_t at = (size_t)offset < text->len ? (size_t)offset : text->len;
	size_t left = text->len - at;

	fuse_reply_buf(req, left ? text->data + at : NULL, size < left ? size : left);
}
