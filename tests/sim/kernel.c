/* See kernel.h; fuse_dev_do_read(), fuse_dev_do_write() and fuse_resend() of the kernel's fs/fuse/dev.c are what it is
 * after. */
#include "kernel.h"

#include <errno.h>
#include <linux/fuse.h>
#include <string.h>
#include <sys/uio.h>

#include "judge.h"
#include "life.h"
#include "people.h"
#include "schedule.h"
#include "story.h"

#define RESENT (1ULL << 63)
#define NOTIFY_RESEND 7

const char *opcode_word(uint32_t opcode)
{
	switch (opcode) {
	case FUSE_LOOKUP: return "LOOKUP";
	case FUSE_FORGET: return "FORGET";
	case FUSE_SETATTR: return "SETATTR";
	case FUSE_UNLINK: return "UNLINK";
	case FUSE_OPEN: return "OPEN";
	case FUSE_READ: return "READ";
	case FUSE_WRITE: return "WRITE";
	case FUSE_RELEASE: return "RELEASE";
	case FUSE_INIT: return "INIT";
	case FUSE_INTERRUPT: return "INTERRUPT";
	case FUSE_CREATE: return "CREATE";
	case FUSE_POLL: return "POLL";
	default: return "?";
	}
}

static struct request *request_free(void)
{
	struct kernel *kernel = &world->kernel;

	for (size_t i = 0; i < kernel->n_requests; i++)
		if (!kernel->requests[i].used)
			return &kernel->requests[i];
	if (kernel->n_requests == REQUESTS)
		return NULL;
	return &kernel->requests[kernel->n_requests++];
}

struct request *kernel_send(uint32_t opcode, uint64_t node, struct process *process,
	struct thread *thread, const void *body, size_t len)
{
	struct kernel *kernel = &world->kernel;
	struct request *request = request_free();

	if (!request) {
		fail("more than %d requests are under way", REQUESTS);
		return NULL;
	}
	memset(request, 0, offsetof(struct request, body));
	request->used = true;
	request->opcode = opcode;
	request->unique = kernel->unique += 2;
	request->order = ++kernel->order;
	request->node = node;
	request->process = process;
	request->thread = thread;
	request->sent_ns = world->mono_ns;
	request->len = (uint32_t)len;
	memcpy(request->body, body, len);
	if (thread)
		thread->request = request;
	return request;
}

void kernel_mount(void)
{
	struct kernel *kernel = &world->kernel;
	const struct fuse_init_in init = {.major = 7,
		.minor = 38,
		.max_readahead = 131072,
		.flags = FUSE_ASYNC_READ | FUSE_ATOMIC_O_TRUNC | FUSE_BIG_WRITES |
			FUSE_AUTO_INVAL_DATA | FUSE_MAX_PAGES};
	uint64_t mounts = kernel->mount_id;

	memset(kernel, 0, offsetof(struct kernel, nodes));
	kernel->mount_id = mounts + 1;
	kernel->up = true;
	kernel->init_unique = kernel_send(FUSE_INIT, 0, NULL, NULL, &init, sizeof(init))->unique;
}

void kernel_unmount(void)
{
	world->kernel.up = false;
	for (size_t i = 0; i < world->n_files; i++)
		world->files[i].dead |= world->files[i].used;
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		struct request *request = &world->kernel.requests[i];

		if (!request->used)
			continue;
		request->used = false;
		if (request->thread)
			thread_answered(request, ECONNABORTED, NULL, 0);
	}
	judge_unmounted();
}

bool kernel_has_request(void)
{
	if (!world->kernel.up)
		return true; /* ENODEV */
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		const struct request *request = &world->kernel.requests[i];

		if (request->used && (!request->sent || (request->interrupted && !request->told)))
			return true;
	}
	return false;
}

/* Interrupts come first, then what was sent again, then the rest as it came. */
static struct request *next(bool *interrupt)
{
	struct request *best = NULL;

	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		struct request *request = &world->kernel.requests[i];

		if (!request->used)
			continue;
		if (request->sent && request->interrupted && !request->told) {
			*interrupt = true;
			return request;
		}
		if (request->sent)
			continue;
		if (!best || request->resent > best->resent ||
			(request->resent == best->resent &&
				(request->resent ? request->shuffle < best->shuffle
						 : request->order < best->order)))
			best = request;
	}
	return best;
}

static ssize_t interrupt_read(struct request *request, char *data)
{
	const struct fuse_interrupt_in in = {.unique = request->unique};
	const struct fuse_in_header header = {.len = sizeof(header) + sizeof(in),
		.opcode = FUSE_INTERRUPT,
		.unique = request->unique | 1};

	request->told = true;
	say("kernel: INTERRUPT %llu", (unsigned long long)request->order);
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), &in, sizeof(in));
	return (ssize_t)header.len;
}

static ssize_t request_read(struct request *request, char *data)
{
	const struct fuse_in_header header = {.len = (uint32_t)sizeof(header) + request->len,
		.opcode = request->opcode,
		.unique = request->unique,
		.nodeid = request->node,
		.uid = request->process ? request->process->uid : 0,
		.gid = request->process ? request->process->uid : 0,
		.pid = request->thread ? (uint32_t)request->thread->tid : 0};

	request->sent = true;
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), request->body, request->len);
	say("kernel: %s %llu is read", opcode_word(request->opcode),
		(unsigned long long)request->order);
	if (request->opcode == FUSE_FORGET)
		request->used = false;
	return (ssize_t)header.len;
}

ssize_t kernel_read(void *data, size_t room)
{
	bool interrupt = false;
	struct request *request;
	ssize_t len;

	(void)room;
	schedule_meanwhile();
	if (!world->kernel.up) {
		errno = ENODEV;
		return -1;
	}
	if (!(request = next(&interrupt))) {
		time_pass(20000);
		errno = EAGAIN;
		return -1;
	}
	len = interrupt ? interrupt_read(request, data) : request_read(request, data);
	point("after it read a request");
	return len;
}

/* Everything that was read and not answered is sent once more, in no order. */
static void resend(void)
{
	struct dice dice = dice_of(world->seed, world->points, 3);

	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		struct request *request = &world->kernel.requests[i];

		if (!request->used || !request->sent)
			continue;
		request->sent = request->told = false;
		request->resent = true;
		request->unique |= RESENT;
		request->shuffle = dice_below(&dice, 1000);
	}
	say("kernel: resends what was not answered");
}

static void poll_wake(uint64_t kh)
{
	for (size_t i = 0; i < world->n_files; i++) {
		struct file *file = &world->files[i];

		if (!file->used || file->dead || file->kh != kh || !file->polled)
			continue;
		file->polled = false;
		say("kernel: wakes who polls %s", file->text);
		people_wake(file);
	}
}

static ssize_t notified(const struct fuse_out_header *header, const char *data, size_t len)
{
	struct fuse_notify_poll_wakeup_out poll;

	if (header->error == NOTIFY_RESEND) {
		resend();
	} else if (header->error == FUSE_NOTIFY_POLL && len >= sizeof(poll)) {
		memcpy(&poll, data, sizeof(poll));
		poll_wake(poll.kh);
	}
	return (ssize_t)(sizeof(*header) + len);
}

static struct request *request_find(uint64_t unique)
{
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		struct request *request = &world->kernel.requests[i];

		if (request->used && request->sent && request->unique == unique)
			return request;
	}
	return NULL;
}

/* The answer to INTERRUPT itself: EAGAIN asks for it once more. */
static ssize_t interrupt_answered(const struct fuse_out_header *header)
{
	struct request *request = request_find(header->unique & ~1ULL);

	if (request && header->error == -EAGAIN)
		request->told = false;
	return request ? (ssize_t)header->len : (errno = ENOENT, -1);
}

/* Whether it was answered before; it is now. */
static bool answered_before(uint64_t unique)
{
	uint64_t i = (unique & ~RESENT) / 2;
	uint8_t bit = (uint8_t)(1 << (i % 8));
	bool before;

	if (i >= UNIQUES)
		return false;
	before = world->kernel.answered[i / 8] & bit;
	world->kernel.answered[i / 8] |= bit;
	return before;
}

static ssize_t nobody_waits(uint64_t unique)
{
	if ((unique & ~RESENT) != world->kernel.init_unique && answered_before(unique))
		fail("request %llu is answered twice", (unsigned long long)unique / 2);
	say("kernel: nobody waits for the answer to %llu",
		(unsigned long long)(unique & ~RESENT) / 2);
	errno = ENOENT;
	return -1;
}

static ssize_t answered(const struct fuse_out_header *header, const char *data, size_t len)
{
	struct request *request = request_find(header->unique);

	if (header->unique & 1)
		return interrupt_answered(header);
	if (!request)
		return nobody_waits(header->unique);
	if (answered_before(header->unique))
		fail("request %llu is answered twice", (unsigned long long)request->order);
	say("kernel: %s %llu is answered: %s%s", opcode_word(request->opcode),
		(unsigned long long)request->order, header->error ? strerror(-header->error) : "ok",
		request->killed ? ", but its caller is being killed" : "");
	if (request->opcode == FUSE_INIT)
		world->kernel.greeted = true;
	request->used = false;
	world->in_world = true;
	if (request->thread)
		thread_answered(request, -header->error, data, len);
	world->in_world = false;
	return (ssize_t)header->len;
}

ssize_t kernel_write(const struct iovec *parts, int count)
{
	char *data = world->answer;
	struct fuse_out_header header;
	size_t len = 0;
	ssize_t result;

	point("before an answer");
	for (int i = 0; i < count; i++) {
		memcpy(data + len, parts[i].iov_base, parts[i].iov_len);
		len += parts[i].iov_len;
	}
	memcpy(&header, data, sizeof(header));
	if (header.len != len)
		fail("an answer says it has %u bytes and has %zu", header.len, len);
	judge_log();
	len -= sizeof(header);
	if (header.unique == 0)
		result = notified(&header, data + sizeof(header), len);
	else
		result = answered(&header, data + sizeof(header), len);
	point("after an answer");
	return result;
}

void kernel_interrupt(struct request *request, bool kills)
{
	if (kills && !request->sent) { /* nobody was told of it, or is to be told again */
		say("kernel: drops %s %llu", opcode_word(request->opcode),
			(unsigned long long)request->order);
		request->used = false;
		thread_answered(request, EINTR, NULL, 0);
		return;
	}
	request->killed |= kills;
	request->interrupted = true;
}
