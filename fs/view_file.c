/* status.json, status/<name>.json and metrics: text made at the open, one moment each. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "daemon.h"
#include "process.h"
#include "revival.h"
#include "text_file.h"

/* An open that waits for the answers of its batch: rendering must not hold those up. */
struct opening {
	struct list link; /* daemon::openings */
	fuse_req_t req;
	uint64_t number, unique; /* of the file, and of the request for it */
};

static const struct handle_type view_type;

struct view daemon_view(const struct daemon *daemon)
{
	return (struct view){
		.engine = daemon->host.engine,
		.now = clock_now(),
		.host = daemon->host.name,
		.pid_status = process_status,
		.keeper = orphan_keeper,
		.context = daemon,
	};
}

static void status_render(const struct daemon *daemon, const struct view *view, struct text *text)
{
	const struct chain_head *head = &daemon->host.chain.head;
	const int32_t supervisor = daemon->carry.head->supervisor;

	text_put(text, "{\"version\":1");
	text_key_string(text, "host", view->host);
	text_key_time(text, "now", view->now.wall_ms);
	text_put(text, ",\"daemon\":{");
	text_key_string(text, "version", LOKT_VERSION);
	text_key_u64(text, "pid", (uint64_t)getpid());
	if (supervisor > 0)
		text_key_u64(text, "supervisor_pid", (uint64_t)supervisor);
	else
		text_put(text, ",\"supervisor_pid\":null");
	text_key_time(text, "started_ts", daemon->carry.head->started_wall_ms);
	text_key_u64(text, "restarts", daemon->carry.head->restarts);
	text_put(text, "},\"log\":{");
	text_key_u64(text, "seq", head->seq);
	text_key_string(text, "h", head->h);
	text_put(text, "},\"locks\":[");
	view_locks(view, text);
	text_put(text, "],\"freezes\":[");
	view_freezes(view, text);
	text_put(text, "],\"totals\":");
	view_totals(view, text);
	text_put(text, "}\n");
}

static void metrics_render(const struct daemon *daemon, const struct view *view, struct text *text)
{
	view_metrics(view, text);
	text_put(text,
		"# HELP lokt_log_seq Lines of the log.\n# TYPE lokt_log_seq counter\n"
		"lokt_log_seq ");
	text_u64(text, daemon->host.chain.head.seq);
	text_put(text,
		"\n# HELP lokt_log_bytes_total Bytes of the log, rotated ones too.\n"
		"# TYPE lokt_log_bytes_total counter\nlokt_log_bytes_total ");
	text_u64(text, disk_end(&daemon->host.disk));
	text_put(text,
		"\n# HELP lokt_log_writable Whether grants can be logged.\n"
		"# TYPE lokt_log_writable gauge\nlokt_log_writable ");
	text_u64(text, daemon->host.retry_ns == NEVER);
	text_put(text,
		"\n# HELP lokt_requests_total Requests of the kernel.\n"
		"# TYPE lokt_requests_total counter\nlokt_requests_total ");
	text_u64(text, daemon->requests);
	text_put(text, "\n");
}

static void view_render(struct daemon *daemon, struct text_file *file)
{
	const struct view view = daemon_view(daemon);
	const struct inode *inode = inode_find(&daemon->inodes, file->inode);

	if (file->inode == INODE_STATUS_JSON) {
		status_render(daemon, &view, &file->text);
	} else if (file->inode == INODE_METRICS) {
		metrics_render(daemon, &view, &file->text);
	} else if (inode) {
		view_name(&view, inode->text, true, &file->text);
		text_put(&file->text, "\n");
	}
}

void view_open(struct daemon *daemon, fuse_req_t req, uint64_t number, struct fuse_file_info *fi)
{
	struct opening *opening;

	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!(opening = calloc(1, sizeof(*opening)))) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	opening->req = req;
	opening->number = number;
	opening->unique = daemon->unique;
	list_add_before(&daemon->openings, &opening->link);
}

static void view_release(struct daemon *daemon, struct handle *handle)
{
	struct text_file *file = container_of(handle, struct text_file, handle);

	text_file_close(daemon, file);
	free(file);
}

static void opening_done(struct daemon *daemon, struct opening *opening)
{
	struct text_file *file = calloc(1, sizeof(*file));

	if (!file) {
		fuse_reply_err(opening->req, ENOMEM);
		return;
	}
	handle_init(&file->handle, &view_type);
	file->kind = CARRY_VIEW;
	file->inode = opening->number;
	file->unique = opening->unique;
	view_render(daemon, file);
	text_file_open(daemon, opening->req, file);
}

void views_open(struct daemon *daemon)
{
	list_each(item, following, &daemon->openings)
	{
		struct opening *opening = container_of(item, struct opening, link);

		list_remove(&opening->link);
		opening_done(daemon, opening);
		free(opening);
	}
	host_flush(&daemon->host);
}

static void view_read(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
	off_t offset, int flags)
{
	struct text_file *file = container_of(handle, struct text_file, handle);

	(void)flags;
	if (text_file_ready(file, req, offset, view_render, daemon))
		reply_part(req, &file->text, size, offset);
}

bool view_revive(struct daemon *daemon, struct carry_file *file)
{
	struct text_file *view = calloc(1, sizeof(*view));

	if (!view)
		revival_fail();
	handle_init(&view->handle, &view_type);
	text_file_revive(daemon, view, file);
	return true;
}

static const struct handle_type view_type = {.read = view_read, .release = view_release};
