/* renew: writing "<name> [ttl]" renews what the writer, or an ancestor of it, holds. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "daemon.h"
#include "errors.h"
#include "handle.h"
#include "process.h"
#include "request.h"
#include "revival.h"

#define FAMILY_MAX 64 /* generations looked at */

static void renew_write(
	struct daemon *daemon, struct handle *handle, fuse_req_t req, const char *data, size_t size)
{
	struct process_id family[FAMILY_MAX];
	char name[NAME_MAX_LEN + 1];
	struct event event = {
		.kind = EVENT_RENEW_NAME, .name = name, .family = family, .ttl_ms = TIME_NONE};
	size_t len = command_len(data, size);
	const char *space = memchr(data, ' ', len);
	size_t name_len = space ? (size_t)(space - data) : len;
	enum err err = name_check(data, name_len);

	(void)handle;
	if (err == OK && space) {
		err = duration_parse(space + 1, len - name_len - 1, &event.ttl_ms);
		if (event.ttl_ms == 0)
			err = ERR_INVALID;
	}
	if (err != OK) {
		fuse_reply_err(req, errno_of(err));
		return;
	}
	memcpy(name, data, name_len);
	name[name_len] = '\0';
	event.relatives = process_family(fuse_req_ctx(req)->pid, family, FAMILY_MAX);
	request_command(daemon, req, &event, size);
}

static void renew_release(struct daemon *daemon, struct handle *handle)
{
	(void)daemon;
	free(handle);
}

static const struct handle_type renew_type = {.write = renew_write, .release = renew_release};

void renew_open(struct daemon *daemon, fuse_req_t req, struct fuse_file_info *fi)
{
	const struct carry_file filled = {.kind = CARRY_RENEW};
	struct handle *renew;

	if ((fi->flags & O_ACCMODE) != O_WRONLY) {
		fuse_reply_err(req, EACCES);
	} else if ((renew = calloc(1, sizeof(*renew)))) {
		handle_init(renew, &renew_type);
		handle_reply_open(daemon, req, daemon->unique, renew, &filled);
	} else {
		fuse_reply_err(req, ENOMEM);
	}
}

bool renew_revive(struct carry_file *file)
{
	struct handle *renew = calloc(1, sizeof(*renew));

	if (!renew)
		revival_fail();
	handle_init(renew, &renew_type);
	handle_revive(renew, file);
	return true;
}
