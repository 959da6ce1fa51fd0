/* The directories: reading one lists the names that there were when it was opened. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "handle.h"

#define UNKNOWN 0xffffffff /* libfuse's number for a file that was not looked up; 0 would hide it */

struct dir_file {
	struct text_file file; /* the names, each ended by a NUL */
	const char *suffix;
};

static struct dir_file *dir_of(struct handle *handle)
{
	return container_of(handle, struct dir_file, file.handle);
}

static void dir_release(struct daemon *daemon, struct handle *handle)
{
	struct dir_file *dir = dir_of(handle);

	text_file_close(daemon, &dir->file);
	free(dir);
}

static const struct handle_type dir_type = {.release = dir_release};

static enum listing listing_of(uint64_t number)
{
	switch (number) {
	case INODE_FREEZES: return LISTING_FROZEN;
	case INODE_LEASES: return LISTING_LEASED;
	default: return LISTING_USED;
	}
}

static void dir_fill(const struct daemon *daemon, uint64_t number, struct text *names)
{
	text_add(names, ".\0..", sizeof(".\0.."));
	if (number != INODE_ROOT)
		view_names(daemon->host.engine, listing_of(number), names);
	for (uint64_t n = INODE_LOCKS; number == INODE_ROOT && n <= INODE_METRICS; n++)
		text_add(names, inode_fixed_name(n), strlen(inode_fixed_name(n)) + 1);
}

void dir_open(struct daemon *daemon, fuse_req_t req, uint64_t number)
{
	struct dir_file *dir = calloc(1, sizeof(*dir));

	if (!dir) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	handle_init(&dir->file.handle, &dir_type);
	dir->suffix = number == INODE_STATUS ? STATUS_SUFFIX : "";
	dir_fill(daemon, number, &dir->file.text);
	text_file_open(daemon, req, &dir->file);
}

void dir_read(fuse_req_t req, uint64_t number, struct handle *handle, size_t size, off_t offset)
{
	const struct dir_file *dir = dir_of(handle);
	const struct text *names = &dir->file.text;
	char reply[4096], name[NAME_MAX_LEN + sizeof(STATUS_SUFFIX)];
	size_t at = (size_t)offset, used = 0;

	if (size > sizeof(reply))
		size = sizeof(reply);
	while (at < names->len) {
		const char *text = names->data + at;
		size_t next = at + strlen(text) + 1;
		uint64_t fixed = number == INODE_ROOT ? inode_fixed(text) : 0;
		struct stat st = {.st_ino = fixed ? fixed : UNKNOWN};

		stpcpy(stpcpy(name, text), *text == '.' ? "" : dir->suffix);
		size_t len =
			fuse_add_direntry(req, reply + used, size - used, name, &st, (off_t)next);

		if (len > size - used)
			break;
		used += len;
		at = next;
	}
	fuse_reply_buf(req, reply, used);
}
