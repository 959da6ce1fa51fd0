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
#include "revival.h"
#include "text_file.h"

struct freeze_file {
	struct handle handle;
	struct text line; /* what a reader sees: the freeze as it was at the open */
	char name[];
};

static const struct handle_type freeze_type;

static void freeze_file_free(struct freeze_file *file)
{
	text_finish(&file->line);
	free(file);
}

/* A handle for this freeze; NULL when there is no memory. */
static struct freeze_file *freeze_file_create(
	struct daemon *daemon, const char *name, bool readable)
{
	const struct view view = daemon_view(daemon);
	struct freeze_file *file = calloc(1, sizeof(*file) + strlen(name) + 1);

	if (!file)
		return NULL;
	handle_init(&file->handle, &freeze_type);
	strcpy(file->name, name);
	if (readable)
		view_freeze(&view, name, &file->line);
	if (!file->line.failed)
		return file;
	freeze_file_free(file);
	return NULL;
}

/* What is to be known of an open freeze: who opened it, since close(2) does not tell, and whether it is to
 * begin when it is closed: no TTL was written yet. */
static struct carry_file freeze_filled(
	const struct daemon *daemon, fuse_req_t req, const struct inode *inode, bool pending)
{
	return (struct carry_file){.kind = CARRY_FREEZE,
		.inode = inode->number,
		.uid = fuse_req_ctx(req)->uid,
		.tid = fuse_req_ctx(req)->pid,
		.privileged = request_privileged(daemon, req),
		.pending = pending};
}

void freeze_open(
	struct daemon *daemon, fuse_req_t req, const struct inode *inode, struct fuse_file_info *fi)
{
	const int mode = fi->flags & O_ACCMODE;
	const struct carry_file filled =
		freeze_filled(daemon, req, inode, (fi->flags & O_TRUNC) && mode != O_RDONLY);
	struct freeze_file *file = freeze_file_create(daemon, inode->text, mode != O_WRONLY);

	if (file)
		handle_reply_open(daemon, req, daemon->unique, &file->handle, &filled);
	else
		fuse_reply_err(req, ENOMEM);
}

void freeze_create(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	const struct fuse_entry_param *entry, struct fuse_file_info *fi)
{
	const struct carry_file filled = freeze_filled(daemon, req, inode, true);
	struct freeze_file *file =
		freeze_file_create(daemon, inode->text, (fi->flags & O_ACCMODE) != O_WRONLY);

	if (file)
		handle_reply_create(daemon, req, daemon->unique, entry, &file->handle, &filled);
	else
		fuse_reply_err(req, ENOMEM);
}

bool freeze_revive(struct daemon *daemon, struct carry_file *kept)
{
	const struct inode *inode = inode_find(&daemon->inodes, kept->inode);
	struct freeze_file *file;

	if (!inode)
		return false;
	if (!(file = freeze_file_create(daemon, inode->text, true)))
		revival_fail();
	handle_revive(&file->handle, kept);
	return true;
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

	file->handle.file->pending = false;
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
	const struct carry_file *kept = handle->file;
	struct request *request =
		kept && kept->pending && !daemon->stopping ? calloc(1, sizeof(*request)) : NULL;

	if (request) {
		struct process *process;
		struct event event = {.kind = EVENT_FREEZE,
			.name = file->name,
			.ttl_ms = daemon->options.freeze_ttl_ms,
			.request = request};

		request_init(request, NULL, &silent_type);
		event.who = actor_of(kept->uid, kept->tid, &process);
		event.who.privileged = kept->privileged;
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
