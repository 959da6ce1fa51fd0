/* See session.h. */
#include "session.h"

#include <errno.h>
#include <linux/fuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon.h"
#include "fuse.h"
#include "intake.h"
#include "message.h"
#include "ops.h"
#include "shape.h"
#include "wire.h"

#define SHORT 64 /* bytes of a reply that is written in one piece */

static void fuse_said(enum fuse_log_level level, const char *format, va_list args)
{
	char word[256];

	if (level == FUSE_LOG_DEBUG) {
		vfprintf(stderr, format, args);
		return;
	}
	vsnprintf(word, sizeof(word), format, args);
	word[strcspn(word, "\n")] = '\0';
	message(LOG_WARNING, "%s", word);
}

static ssize_t io_read(int fd, void *buffer, size_t size, void *daemon)
{
	(void)daemon;
	return read(fd, buffer, size);
}

/* Replies; but what libfuse refuses before it calls any of ours, it had no memory for. What is short is put into
 * one piece: the kernel looks up the page of each. */
static ssize_t io_writev(int fd, struct iovec *parts, int count, void *userdata)
{
	const struct fuse_out_header *header = parts[0].iov_base;
	struct daemon *daemon = userdata;
	char whole[SHORT];
	const struct iovec one = {whole, header->len};
	size_t len = 0;

	if (!daemon->heard && header->error == -ENOMEM) {
		daemon->lacked = true;
		return header->len;
	}
	if (count == 1 || header->len > sizeof(whole))
		return writev(fd, parts, count);
	for (int i = 0; i < count; i++) {
		memcpy(whole + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	return writev(fd, &one, 1);
}

static struct fuse_session *session_create(struct daemon *daemon)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session = NULL;

	fuse_set_log_func(fuse_said);
	if (fuse_opt_add_arg(&args, "loktfs") == 0 &&
		(!daemon->options.debug || fuse_opt_add_arg(&args, "-d") == 0))
		session = fuse_session_new(&args, &ops_table, sizeof(ops_table), daemon);
	fuse_opt_free_args(&args);
	return session;
}

bool session_open(struct daemon *daemon, int fuse)
{
	const struct fuse_custom_io io = {.read = io_read, .writev = io_writev};

	daemon->buffer = malloc(WIRE_ROOM);
	daemon->session = session_create(daemon);
	if (daemon->buffer && daemon->session &&
		fuse_session_custom_io(daemon->session, &io, fuse) == 0)
		return true;
	message(LOG_ERR, "cannot serve the mount: %s", strerror(errno));
	return false;
}

void session_close(struct daemon *daemon)
{
	if (daemon->session)
		fuse_session_destroy(daemon->session);
	free(daemon->buffer);
	daemon->session = NULL;
	daemon->buffer = NULL;
}

size_t session_read(struct daemon *daemon)
{
	struct fuse_buf buffer = {.mem = daemon->buffer, .size = WIRE_ROOM};
	int len = fuse_session_receive_buf(daemon->session, &buffer);

	return len > 0 ? (size_t)len : 0;
}

void *session_buffer(struct daemon *daemon)
{
	return daemon->buffer;
}

void session_handle(struct daemon *daemon, void *data, size_t len)
{
	const struct fuse_buf buffer = {.mem = data, .size = len};

	shape_check(data, len);
	intake_note(daemon, data, len);
	/* A close or an interrupt is told once, and must not be lost because there is no memory: everything
	 * else waits for it. */
	do {
		daemon->heard = daemon->lacked = false;
		fuse_session_process_buf(daemon->session, &buffer);
		daemon->heard = true;
	} while (daemon->lacked && usleep(1000) == 0);
	daemon->requests++;
}
