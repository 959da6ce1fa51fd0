/* See kernel.h. */
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fs/fuse.h"
#include "fs/session.h"
#include "fuzz.h"

#define RESENT (1ULL << 63)
#define NOISE (1ULL << 62) /* what may be no request may have an answer */

#define NOTIFY_RESEND 7 /* FUSE_NOTIFY_RESEND of Linux 6.9 */

static struct kernel
	*current; /* who is spoken to by what is linked in the place of the daemon's own */

/* In the place of session_read(), and of writev(2). */
size_t __real_session_read(struct daemon *daemon);
size_t __wrap_session_read(struct daemon *daemon);
ssize_t __real_writev(int fd, const struct iovec *parts, int count);
ssize_t __wrap_writev(int fd, const struct iovec *parts, int count);

/* libfuse never frees an interrupt of what it does not know. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfuse3";
}

void kernel_speak(struct kernel *kernel)
{
	current = kernel;
}

/* How long an answer is that is no error; -1: it says so itself. */
static long answer_len(uint32_t opcode)
{
	switch (opcode) {
	case FUSE_LOOKUP: return sizeof(struct fuse_entry_out);
	case FUSE_GETATTR:
	case FUSE_SETATTR: return sizeof(struct fuse_attr_out);
	case FUSE_OPEN:
	case FUSE_OPENDIR: return sizeof(struct fuse_open_out);
	case FUSE_CREATE: return sizeof(struct fuse_entry_out) + sizeof(struct fuse_open_out);
	case FUSE_WRITE: return sizeof(struct fuse_write_out);
	case FUSE_STATFS: return sizeof(struct fuse_statfs_out);
	case FUSE_POLL: return sizeof(struct fuse_poll_out);
	case FUSE_READ:
	case FUSE_READDIR:
	case FUSE_INIT: return -1;
	default: return 0;
	}
}

static bool wants_answer(uint32_t opcode)
{
	return opcode != FUSE_FORGET && opcode != FUSE_BATCH_FORGET && opcode != FUSE_INTERRUPT &&
		opcode != FUSE_NOTIFY_REPLY;
}

static void node_learn(struct kernel *kernel, const char *entry)
{
	struct fuse_entry_out out;

	memcpy(&out, entry, sizeof(out));
	CHECK(out.nodeid != 0);
	kernel->nodes[kernel->n_nodes++ % KNOWN_MAX] = out.nodeid;
}

static void open_learn(
	struct kernel *kernel, const struct asked *asked, uint64_t node, const char *answer)
{
	struct fuse_open_out out;
	struct opened *opened = kernel->opened;

	memcpy(&out, answer, sizeof(out));
	while (opened < kernel->opened + kernel->n_opened && opened->open)
		opened++;
	if (opened == kernel->opened + KNOWN_MAX)
		return;
	if (opened == kernel->opened + kernel->n_opened)
		kernel->n_opened++;
	*opened = (struct opened){out.fh, node, asked->opcode == FUSE_OPENDIR, true};
}

/* What an answer says that the kernel remembers. */
static void answer_learn(struct kernel *kernel, const struct asked *asked, const char *answer)
{
	switch (asked->opcode) {
	case FUSE_LOOKUP: node_learn(kernel, answer); break;
	case FUSE_OPEN:
	case FUSE_OPENDIR: open_learn(kernel, asked, asked->node, answer); break;
	case FUSE_CREATE:
		node_learn(kernel, answer);
		open_learn(kernel, asked, kernel->nodes[(kernel->n_nodes - 1) % KNOWN_MAX],
			answer + sizeof(struct fuse_entry_out));
		break;
	default: break;
	}
}

/* The request of this `unique`, or NULL. */
static struct asked *asked_find(struct kernel *kernel, uint64_t unique)
{
	const uint64_t number = (unique & ~RESENT) / 2;

	return number > 0 && number <= kernel->n_asked ? &kernel->asked[number - 1] : NULL;
}

/* Which server this is, from 0 on. */
static uint32_t life(const struct kernel *kernel)
{
	return kernel->daemon.carry.head->restarts;
}

/* Checks an answer as the kernel would, and that nobody had answered before. */
static void answer_take(struct kernel *kernel, uint64_t unique, int error, size_t len)
{
	struct asked *asked = asked_find(kernel, unique);

	CHECK(asked);
	if (!wants_answer(asked->opcode)) { /* but it may be told that there was no sense in it */
		CHECK(error != 0);
		return;
	}
	CHECK(!asked->answered);
	asked->answered = true;
	asked->life = life(kernel);
	asked->error = error;
	fuzz_tell("%8.3f  %zu is answered: %s", (double)fuzz_ns / 1e9, asked - kernel->asked + 1,
		error ? strerror(error) : "done");
	long expected = error ? 0 : answer_len(asked->opcode);

	if (asked->opcode == FUSE_WRITE &&
		len == 0) /* of nothing: the kernel itself never asks it */
		expected = 0;
	CHECK(expected < 0 || (size_t)expected == len);
	if (!error)
		answer_learn(kernel, asked, kernel->reply);
}

/* Puts a message where the daemon reads; nothing else is there then to wake it. */
static void message_send(struct kernel *kernel, const void *message, size_t len)
{
	char wake;

	if (kernel->queued++ == 0)
		CHECK(read(kernel->near, &wake, 1) == 1);
	CHECK(write(kernel->far, message, len) == (ssize_t)len);
}

/* The daemon has some news. */
static void news_take(struct kernel *kernel, int code)
{
	struct fuse_notify_poll_wakeup_out out;

	if (code == NOTIFY_RESEND) { /* in no useful order */
		CHECK(kernel->reply_len == 0);
		kernel->resent_to = life(kernel);
		for (size_t i = kernel->n_asked; i-- > 0;)
			kernel_ask_again(kernel, &kernel->asked[i]);
		return;
	}
	CHECK(code == FUSE_NOTIFY_POLL && kernel->reply_len == sizeof(out));
	memcpy(&out, kernel->reply, sizeof(out));
	CHECK(out.kh <= kernel->polls);
}

/* Takes what the daemon wrote: an answer, or news. */
static void reply_take(struct kernel *kernel)
{
	struct fuse_out_header header;
	struct iovec parts[] = {{&header, sizeof(header)}, {kernel->reply, sizeof(kernel->reply)}};
	ssize_t len = readv(kernel->far, parts, 2);

	CHECK(len >= (ssize_t)sizeof(header) && (size_t)len == header.len);
	kernel->reply_len = (size_t)len - sizeof(header);
	if (header.unique == 0) {
		news_take(kernel, header.error);
		return;
	}
	if (header.unique == NOISE)
		return;
	CHECK(header.error <= 0 && header.error > -512);
	CHECK(header.error == 0 || kernel->reply_len == 0);
	answer_take(kernel, header.unique, -header.error, kernel->reply_len);
}

/* Whether nobody waits for this answer: he is gone, or has one to the same request sent before. */
static bool is_refused(struct kernel *kernel, const struct iovec *iov)
{
	struct fuse_out_header header;
	struct asked *asked;

	memcpy(&header, iov->iov_base, sizeof(header));
	asked = asked_find(kernel, header.unique);
	if (asked && asked->answered && (asked->resent || asked->opcode == FUSE_INIT))
		return true; /* each server says hello */
	if (asked && asked->answered && asked->life < life(kernel) &&
		kernel->resent_to < life(kernel))
		return true; /* and cannot tell what the one before it had answered */
	if (kernel->refused == 0)
		return false;
	kernel->refused--;
	if (asked)
		asked->answered = true;
	return true;
}

/* The daemon dies, here and now. */
static _Noreturn void die(struct kernel *kernel)
{
	fuzz_tell("%8.3f  the server dies", (double)fuzz_ns / 1e9);
	kernel->dies_in = 0;
	longjmp(kernel->death, 1);
}

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
	struct kernel *kernel = current;
	ssize_t len;

	if (!kernel || !kernel->daemon.session || fd != fuse_session_fd(kernel->daemon.session))
		return __real_writev(fd, parts, count);
	if (kernel->dies_in == 1)
		die(kernel);
	if (is_refused(kernel, parts)) {
		errno = ENOENT;
		return -1;
	}
	len = __real_writev(fd, parts, count);
	CHECK(len > 0);
	reply_take(kernel);
	if (kernel->dies_in == 2)
		die(kernel);
	if (kernel->dies_in)
		kernel->dies_in -= 2;
	return len;
}

/* There is always something to be read, so that the loop never sleeps. */
size_t __wrap_session_read(struct daemon *daemon)
{
	struct kernel *kernel = current;
	enum turn turn = TURN_REQUEST;
	size_t len;

	if (kernel->over)
		turn = TURN_END;
	else if (kernel->queued == 0)
		turn = kernel->next(kernel);
	if (turn == TURN_DEATH)
		die(kernel);
	if (turn == TURN_END)
		fuse_session_exit(daemon->session);
	kernel->over = turn == TURN_END;
	if (turn != TURN_REQUEST)
		return 0;
	len = __real_session_read(daemon);
	if (--kernel->queued == 0)
		CHECK(write(kernel->far, "", 1) == 1);
	return len;
}

void kernel_noise(struct kernel *kernel, char *noise, size_t len)
{
	const size_t at = offsetof(struct fuse_in_header, unique);
	const uint64_t unique = NOISE;

	if (len >= at + sizeof(unique))
		memcpy(noise + at, &unique, sizeof(unique));
	message_send(kernel, noise, len);
}

struct asked *kernel_ask(
	struct kernel *kernel, uint32_t opcode, uint64_t node, const void *body, size_t len)
{
	struct asked *asked = &kernel->asked[kernel->n_asked];
	struct fuse_in_header header = {.len = (uint32_t)(sizeof(header) + len),
		.opcode = opcode,
		.nodeid = node,
		.uid = kernel->uid,
		.gid = kernel->gid,
		.pid = (uint32_t)kernel->pid};

	if (kernel->n_asked == ASKED_MAX || header.len > MESSAGE_MAX)
		return NULL;
	header.unique = 2 * ++kernel->n_asked;
	*asked = (struct asked){.unique = header.unique,
		.opcode = opcode,
		.node = node,
		.answered = !wants_answer(opcode)};
	CHECK((asked->message = malloc(header.len)));
	asked->len = header.len;
	fuzz_tell("%8.3f  %zu: opcode %u of %lu by %d, %zu bytes", (double)fuzz_ns / 1e9,
		kernel->n_asked, opcode, node, kernel->pid, len);
	memcpy(asked->message, &header, sizeof(header));
	if (len)
		memcpy(asked->message + sizeof(header), body, len);
	message_send(kernel, asked->message, asked->len);
	return asked;
}

bool kernel_ask_again(struct kernel *kernel, struct asked *asked)
{
	if (asked->answered)
		return false;
	asked->unique |= RESENT; /* and so an interrupt calls it from now on */
	asked->resent = true;
	fuzz_tell("%8.3f  %zu comes again", (double)fuzz_ns / 1e9, asked - kernel->asked + 1);
	memcpy(asked->message + offsetof(struct fuse_in_header, unique), &asked->unique,
		sizeof(asked->unique));
	message_send(kernel, asked->message, asked->len);
	return true;
}

struct asked *kernel_hello(struct kernel *kernel)
{
	const struct fuse_init_in init = {
		.major = FUSE_KERNEL_VERSION, .minor = 38, .max_readahead = 131072, .flags = ~0U};

	return kernel_ask(kernel, FUSE_INIT, 0, &init, sizeof(init));
}

struct asked *kernel_close(struct kernel *kernel, struct opened *opened)
{
	const struct fuse_release_in in = {.fh = opened->fh};

	opened->open = false;
	return kernel_ask(kernel, opened->directory ? FUSE_RELEASEDIR : FUSE_RELEASE, opened->node,
		&in, sizeof(in));
}
