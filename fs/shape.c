/* See shape.h. */
#include "shape.h"

#include <linux/fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define UNKNOWN UINT32_MAX /* an opcode that there is not */

/* What follows the header, of the requests that libfuse or we look into. */
static const struct form {
	uint16_t body; /* bytes */
	uint16_t names;
} forms[] = {
	[FUSE_LOOKUP] = {0, 1},
	[FUSE_FORGET] = {sizeof(struct fuse_forget_in), 0},
	[FUSE_GETATTR] = {sizeof(struct fuse_getattr_in), 0},
	[FUSE_SETATTR] = {sizeof(struct fuse_setattr_in), 0},
	[FUSE_SYMLINK] = {0, 2},
	[FUSE_MKNOD] = {sizeof(struct fuse_mknod_in), 1},
	[FUSE_MKDIR] = {sizeof(struct fuse_mkdir_in), 1},
	[FUSE_UNLINK] = {0, 1},
	[FUSE_RMDIR] = {0, 1},
	[FUSE_RENAME] = {sizeof(struct fuse_rename_in), 2},
	[FUSE_LINK] = {sizeof(struct fuse_link_in), 1},
	[FUSE_OPEN] = {sizeof(struct fuse_open_in), 0},
	[FUSE_READ] = {sizeof(struct fuse_read_in), 0},
	[FUSE_WRITE] = {sizeof(struct fuse_write_in), 0},
	[FUSE_RELEASE] = {sizeof(struct fuse_release_in), 0},
	[FUSE_FSYNC] = {sizeof(struct fuse_fsync_in), 0},
	[FUSE_SETXATTR] = {FUSE_COMPAT_SETXATTR_IN_SIZE, 1},
	[FUSE_GETXATTR] = {sizeof(struct fuse_getxattr_in), 1},
	[FUSE_LISTXATTR] = {sizeof(struct fuse_getxattr_in), 0},
	[FUSE_REMOVEXATTR] = {0, 1},
	[FUSE_FLUSH] = {sizeof(struct fuse_flush_in), 0},
	[FUSE_INIT] = {4 * sizeof(uint32_t), 0}, /* of the oldest kernels */
	[FUSE_OPENDIR] = {sizeof(struct fuse_open_in), 0},
	[FUSE_READDIR] = {sizeof(struct fuse_read_in), 0},
	[FUSE_RELEASEDIR] = {sizeof(struct fuse_release_in), 0},
	[FUSE_FSYNCDIR] = {sizeof(struct fuse_fsync_in), 0},
	[FUSE_GETLK] = {sizeof(struct fuse_lk_in), 0},
	[FUSE_SETLK] = {sizeof(struct fuse_lk_in), 0},
	[FUSE_SETLKW] = {sizeof(struct fuse_lk_in), 0},
	[FUSE_ACCESS] = {sizeof(struct fuse_access_in), 0},
	[FUSE_CREATE] = {sizeof(struct fuse_create_in), 1},
	[FUSE_INTERRUPT] = {sizeof(struct fuse_interrupt_in), 0},
	[FUSE_BMAP] = {sizeof(struct fuse_bmap_in), 0},
	[FUSE_IOCTL] = {sizeof(struct fuse_ioctl_in), 0},
	[FUSE_POLL] = {sizeof(struct fuse_poll_in), 0},
	[FUSE_NOTIFY_REPLY] = {sizeof(struct fuse_notify_retrieve_in), 0},
	[FUSE_BATCH_FORGET] = {sizeof(struct fuse_batch_forget_in), 0},
	[FUSE_FALLOCATE] = {sizeof(struct fuse_fallocate_in), 0},
	[FUSE_READDIRPLUS] = {sizeof(struct fuse_read_in), 0},
	[FUSE_RENAME2] = {sizeof(struct fuse_rename2_in), 2},
	[FUSE_LSEEK] = {sizeof(struct fuse_lseek_in), 0},
	[FUSE_COPY_FILE_RANGE] = {sizeof(struct fuse_copy_file_range_in), 0},
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* Whether `rest[0..len)` begins with so many strings that end. */
static bool names_end(const char *rest, size_t len, unsigned names)
{
	for (; names > 0; names--) {
		const char *end = memchr(rest, '\0', len);

		if (!end)
			return false;
		len -= (size_t)(end + 1 - rest);
		rest = end + 1;
	}
	return true;
}

/* Whether the body is as long as its own members say: `left` bytes follow its fixed part. */
static bool lengths_ok(uint32_t opcode, const void *body, size_t left)
{
	switch (opcode) {
	case FUSE_WRITE: return ((const struct fuse_write_in *)body)->size <= left;
	case FUSE_BATCH_FORGET:
		return ((const struct fuse_batch_forget_in *)body)->count <=
			left / sizeof(struct fuse_forget_one);
	case FUSE_INIT:
		return !(((const struct fuse_init_in *)body)->flags & FUSE_INIT_EXT) ||
			left + forms[FUSE_INIT].body >= sizeof(struct fuse_init_in);
	default: return true;
	}
}

void shape_check(void *message, size_t size)
{
	struct fuse_in_header *header = message;
	const char *body = (const char *)message + sizeof(*header);
	size_t left = size - sizeof(*header);

	if (header->len == size && header->opcode < FORMS) {
		const struct form *form = &forms[header->opcode];

		if (left >= form->body && lengths_ok(header->opcode, body, left - form->body) &&
			names_end(body + form->body, left - form->body, form->names))
			return;
	}
	header->opcode = UNKNOWN;
}
