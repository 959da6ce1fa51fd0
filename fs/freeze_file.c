/* freezes/<name>: writing a TTL freezes, reading says who did and until when. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "daemon.h"
#include "handle.h"
#include "process.h"
#include "request.h"

struct freeze_file {
	struct handle handle;
	struct text line; /* what a reader sees: the freeze as it was at the open */
	bool pending;     /* opened to freeze, and no TTL was written yet */
	uint32_t uid;     /* of the opener, and its thread: close(2) does not tell */
	int32_t tid;
	bool privileged;
	char name[];
};

static const struct handle_type freeze_type;

/* A handle for this open; NULL after an error was replied. */
static struct freeze_file *freeze_file_create(
	struct daemon *daemon, fuse_req_t req, const char *name, int flags)
{
	const struct view view = daemon_view(daemon);
	struct freeze_file *file = calloc(1, sizeof(*file) + strlen(name) + 1);

	if (file) {
		handle_init(&file->handle, &freeze_type);
		file->uid = fuse_req_ctx(req)->uid;
		file->tid = fuse_req_ctx(req)->pid;
		file->privileged = request_privileged(daemon, req);
		strcpy(file->name, name);
		if ((flags & O_ACCMODE) != O_WRONLY)
			view_freeze(&view, name, &file->line);
	}
	if (file && !file->line.failed)
		return file;
	free(file);
	fuse_reply_err(req, ENOMEM);
	return NULL;
}

static void freeze_file_free(struct freeze_file *file)
{
	text_finish(&file->line);
	free(file);
}

void freeze_open(
	struct daemon *daemon, fuse_req_t req, const struct inode *inode, struct fuse_file_info *fi)
{
	struct freeze_file *file = freeze_file_create(daemon, req, inode->text, fi->flags);

	if (!file)
		return;
	file->pending = (fi->flags & O_TRUNC) && (fi->flags & O_ACCMODE) != O_RDONLY;
	handle_reply_open(daemon, req, fi, &file->handle);
}

void freeze_create(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	const struct fuse_entry_param *entry, struct fuse_file_info *fi)
{
	struct freeze_file *file = freeze_file_create(daemon, req, inode->text, fi->flags);

	if (!file)
		return;
	file->pending = true;
	handle_reply_create(daemon, req, entry, fi, &file->handle);
}

static void freeze_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	(void)daemon;
	(void)flags;
	reply_part(req, &container_of(handle, struct freeze_file, handle)->line, size, offset);
}

static void freeze_write(
	struct daemon *daemon, struct handle *handle, fuse_req_t req, const char *data, size_t size)
{
	struct freeze_file *file = container_of(handle, struct freeze_file, handle);
	struct event event = {
		.kind = EVENT_FREEZE, .name = file->name, .ttl_ms = daemon->options.freeze_ttl_ms};
	size_t len = command_len(data, size);

	file->pending = false;
	if (len > 0 && (duration_parse(data, len, &event.ttl_ms) != OK || event.ttl_ms == 0))
		fuse_reply_err(req, EINVAL);
	else
		request_command(daemon, req, &event, size);
}

/* Nobody hears how a freeze by closing ends: the log says it. */
static void silent_done(struct daemon *daemon, struct request *request, enum err err)
{
	(void)daemon;
	(void)err;
	free(request);
}

static const struct request_type silent_type = {.done = silent_done};

static void freeze_release(struct daemon *daemon, struct handle *handle)
{
	struct freeze_file *file = container_of(handle, struct freeze_file, handle);
	struct request *request =
		file->pending && !daemon->stopping ? calloc(1, sizeof(*request)) : NULL;

	if (request) {
		struct process *process;
		struct event event = {.kind = EVENT_FREEZE,
			.name = file->name,
			.ttl_ms = daemon->options.freeze_ttl_ms,
			.request = request};

		request_init(request, NULL, &silent_type);
		event.who = actor_of(file->uid, file->tid, &process);
		event.who.privileged = file->privileged;
		host_step(&daemon->host, &event);
		process_put(process);
	}
	freeze_file_free(file);
}

static const struct handle_type freeze_type = {
	.read = freeze_read,
	.write = freeze_write,
	.release = freeze_release,
};
