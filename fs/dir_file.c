/* The directories: reading one lists the names that there were when it was opened. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "revival.h"
#include "text_file.h"

#define UNKNOWN 0xffffffff /* libfuse's number for a file that was not looked up; 0 would hide it */

/* The text of one is the names, each ended by a NUL. */
static struct text_file *dir_of(struct handle *handle)
{
	return container_of(handle, struct text_file, handle);
}

static void dir_release(struct daemon *daemon, struct handle *handle)
{
	struct text_file *dir = dir_of(handle);

	text_file_close(daemon, dir);
	free(dir);
}

static const struct handle_type dir_type = {.release = dir_release};

bool dir_is(const struct handle *handle)
{
	return handle->type == &dir_type;
}

static enum listing listing_of(uint64_t number)
{
	switch (number) {
	case INODE_FREEZES: return LISTING_FROZEN;
	case INODE_LEASES: return LISTING_LEASED;
	default: return LISTING_USED;
	}
}

static void dir_render(struct daemon *daemon, struct text_file *file)
{
	const uint64_t number = file->inode;
	struct text *names = &file->text;

	text_add(names, ".\0..", sizeof(".\0.."));
	if (number != INODE_ROOT)
		view_names(daemon->host.engine, listing_of(number), names);
	for (uint64_t n = INODE_LOCKS; number == INODE_ROOT && n <= INODE_METRICS; n++)
		text_add(names, inode_fixed_name(n), strlen(inode_fixed_name(n)) + 1);
}

void dir_open(struct daemon *daemon, fuse_req_t req, uint64_t number)
{
	struct text_file *dir = calloc(1, sizeof(*dir));

	if (!dir) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	handle_init(&dir->handle, &dir_type);
	dir->kind = CARRY_DIR;
	dir->inode = number;
	dir->unique = daemon->unique;
	dir_render(daemon, dir);
	text_file_open(daemon, req, dir);
}

bool dir_revive(struct daemon *daemon, struct carry_file *file)
{
	struct text_file *dir = calloc(1, sizeof(*dir));

	if (!dir)
		revival_fail();
	handle_init(&dir->handle, &dir_type);
	text_file_revive(daemon, dir, file);
	return true;
}

void dir_read(struct daemon *daemon, fuse_req_t req, uint64_t number, struct handle *handle,
	size_t size, off_t offset)
{
	struct text_file *dir = dir_of(handle);
	const struct text *names = &dir->text;
	const char *suffix = number == INODE_STATUS ? STATUS_SUFFIX : "";
	char reply[4096], name[NAME_MAX_LEN + sizeof(STATUS_SUFFIX)];
	size_t at = (size_t)offset, used = 0;

	if (!text_file_ready(dir, req, offset, dir_render, daemon))
		return;
	if (size > sizeof(reply))
		size = sizeof(reply);
	while (at < names->len) {
		const char *text = names->data + at;
		size_t next = at + strlen(text) + 1;
		uint64_t fixed = number == INODE_ROOT ? inode_fixed(text) : 0;
		struct stat st = {.st_ino = fixed ? fixed : UNKNOWN};

		stpcpy(stpcpy(name, text), *text == '.' ? "" : suffix);
		size_t len =
			fuse_add_direntry(req, reply + used, size - used, name, &st, (off_t)next);

		if (len > size - used)
			break;
		used += len;
		at = next;
	}
	fuse_reply_buf(req, reply, used);
}
