/* See wire.h. */
#include "wire.h"

#include <errno.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define SENT_AGAIN (1ULL << 63) /* FUSE_UNIQUE_RESEND of Linux 6.9 */
#define NOTIFY_RESEND 7         /* FUSE_NOTIFY_RESEND */

/* Copies what stands behind the header; false if there is less. */
static bool body(const void *data, size_t len, void *to, size_t size)
{
	if (len < sizeof(struct fuse_in_header) + size)
		return false;
	memcpy(to, (const char *)data + sizeof(struct fuse_in_header), size);
	return true;
}

static enum wire_kind kind_of(uint32_t opcode)
{
	switch (opcode) {
	case FUSE_INIT: return WIRE_INIT;
	case FUSE_OPEN: return WIRE_OPEN;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR: return WIRE_RELEASE;
	case FUSE_POLL: return WIRE_POLL;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: return WIRE_SILENT;
	default: return WIRE_OTHER;
	}
}

bool wire_read(const void *data, size_t len, struct wire *wire)
{
	struct fuse_in_header header;
	struct fuse_release_in release;
	struct fuse_poll_in poll;

	if (len < sizeof(header))
		return false;
	memcpy(&header, data, sizeof(header));
	*wire = (struct wire){.kind = kind_of(header.opcode), .unique = header.unique};
	if (wire->kind == WIRE_RELEASE && body(data, len, &release, sizeof(release)))
		wire->fh = release.fh;
	if (wire->kind == WIRE_POLL && body(data, len, &poll, sizeof(poll))) {
		wire->fh = poll.fh;
		wire->poll = poll.kh;
	}
	return true;
}

uint64_t wire_order(uint64_t unique)
{
	return unique & ~SENT_AGAIN;
}

/* Writes a message of a header and what may follow. 0, or an errno. */
static int message_write(int fd, struct fuse_out_header *header, const void *more, size_t len)
{
	struct iovec parts[] = {{header, sizeof(*header)}, {(void *)(uintptr_t)more, len}};

	header->len = (uint32_t)(sizeof(*header) + len);
	return writev(fd, parts, len ? 2 : 1) < 0 ? errno : 0;
}

int wire_resend(int fd)
{
	struct fuse_out_header header = {.error = NOTIFY_RESEND};

	return message_write(fd, &header, NULL, 0);
}

void wire_wake(int fd, uint64_t poll)
{
	struct fuse_out_header header = {.error = FUSE_NOTIFY_POLL};
	const struct fuse_notify_poll_wakeup_out wakeup = {.kh = poll};

	message_write(fd, &header, &wakeup, sizeof(wakeup));
}

void wire_answer(int fd, uint64_t unique, int error)
{
	struct fuse_out_header header = {.error = -error, .unique = unique};

	message_write(fd, &header, NULL, 0);
}
