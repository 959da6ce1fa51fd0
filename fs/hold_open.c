/* locks/<spec>: opening acquires. From the request to its answer, and again after a restart. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "daemon.h"
#include "errors.h"
#include "hold_file.h"
#include "process.h"
#include "request.h"
#include "revival.h"
#include "users.h"

/* Gives back the entry of the request. */
static void hold_unwait(struct daemon *daemon, struct hold *hold)
{
	carry_wait_remove(&daemon->carry, hold->handle.asked.wait);
	hold->handle.asked.wait = 0;
}

/* Replies that the hold is granted. */
static void hold_reply(struct daemon *daemon, struct hold *hold, fuse_req_t req, uint64_t token)
{
	const uint32_t wait = hold->handle.asked.wait;
	const struct carry_file filled = {
		.kind = CARRY_HOLD, .inode = hold->handle.asked.inode, .token = token};

	if (!hold->process) /* it was let go of for the time of the wait */
		hold->process = process_again(engine_process(daemon->host.engine, hold->id));
	handle_reply_open(daemon, req, daemon->carry.waits[wait].unique, &hold->handle, &filled);
	carry_wait_remove(&daemon->carry, wait);
}

static void hold_refuse(struct daemon *daemon, struct hold *hold, fuse_req_t req, int error)
{
	fuse_reply_err(req, error);
	hold_unwait(daemon, hold);
	hold_free(hold);
}

/* Remembers who was interrupted: he may come back. */
static void hold_pause(struct daemon *daemon, const struct hold *hold, const struct fuse_ctx *ctx)
{
	struct carry_pause *pause = carry_pause_of(&daemon->carry, ctx->pid);
	struct process *process = process_get(ctx->pid);

	if (!process)
		return;
	daemon->carry.head->paused[(pause - daemon->carry.pauses) / CARRY_PAUSES_NEAR] = true;
	pause->until_ns = 0; /* whoever had this place has it no more */
	in_this_order();
	*pause = (struct carry_pause){.inode = hold->handle.asked.inode,
		.since_ns = daemon->carry.waits[hold->handle.asked.wait].since_ns,
		.start_ns = process_id(process).start_ns,
		.pid = process_id(process).pid,
		.tid = ctx->pid,
		.uid = ctx->uid};
	in_this_order(); /* complete before it counts */
	pause->until_ns = clock_mono() + GRACE_MS * 1000000ULL;
	daemon->carry.head->paused_until_ns = pause->until_ns;
	process_put(process);
}

static void hold_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct hold *hold = container_of(request, struct hold, request);
	fuse_req_t req = request_take(request);

	if (err == ERR_INTERRUPTED)
		hold_pause(daemon, hold, fuse_req_ctx(req));
	if (err == OK)
		hold_reply(daemon, hold, req, daemon->token);
	else if (err == ERR_NO_MEMORY && daemon->revival)
		revival_fail();
	else
		hold_refuse(daemon, hold, req, errno_of(err));
}

static void hold_interrupt(struct daemon *daemon, struct request *request)
{
	struct event event = {
		.kind = EVENT_INTERRUPT, .id = container_of(request, struct hold, request)->id};

	host_step(&daemon->host, &event);
}

static uint64_t hold_unique(const struct daemon *daemon, const struct request *request)
{
	const struct hold *hold = container_of(request, const struct hold, request);

	return daemon->carry.waits[hold->handle.asked.wait].unique;
}

static const struct request_type hold_request = {
	.done = hold_done, .unique = hold_unique, .interrupt = hold_interrupt};

/* Whether the kernel opens the file for itself, to ask for the flags that lsattr(1) shows: a look, and
 * looking never acquires. No program of a 64-bit machine can open without O_LARGEFILE. */
static bool is_kernels_own(const struct fuse_file_info *fi)
{
	return sizeof(void *) == 8 && fi->flags == O_RDONLY;
}

/* The spec that an open asks for. */
static enum err hold_spec(const struct daemon *daemon, const struct inode *inode,
	const struct fuse_file_info *fi, struct spec *spec)
{
	enum err err =
		spec_parse(inode->text, strlen(inode->text), &daemon->options.defaults, spec);

	if (daemon->stopping)
		err = ERR_STOPPING;
	if (err == OK && spec->token) /* names a grant to remove, not one to ask for */
		err = ERR_INVALID;
	if (err == OK && (fi->flags & O_NONBLOCK))
		spec->timeout_ms = 0;
	return err;
}

/* A hold that is asked for; NULL, after a reply, when there is no memory or there are too many. */
static struct hold *hold_create(
	struct daemon *daemon, fuse_req_t req, const struct inode *inode, uint32_t wait)
{
	struct hold *hold = wait ? malloc(sizeof(*hold)) : NULL;

	if (!hold && wait && daemon->revival) /* who waited is not to notice */
		revival_fail();
	if (!hold) {
		carry_wait_remove(&daemon->carry, wait);
		fuse_reply_err(req, wait ? ENOMEM : ENOLCK);
		return NULL;
	}
	hold_init(hold);
	request_init(&hold->request, req, &hold_request);
	hold->handle.asked.inode = inode->number;
	hold->handle.asked.wait = wait;
	hold->id = daemon->next_id++;
	return hold;
}

/* What is to be known of a request that waits since `queued_ns`, and that came at `came_ns`. */
static uint64_t wait_since(uint64_t queued_ns, uint64_t came_ns)
{
	const uint64_t bits = CARRY_WAITS | CARRY_CAME_BACK;
	const bool back = (came_ns & CARRY_CAME_BACK) || (queued_ns & ~bits) < (came_ns & ~bits);

	return (queued_ns & ~bits) | CARRY_WAITS | (back ? CARRY_CAME_BACK : 0);
}

/* Asks the engine for the hold: `event` says in which way. */
static void hold_ask(
	struct daemon *daemon, struct hold *hold, const struct spec *spec, struct event *event)
{
	const uint64_t id = hold->id;
	struct carry_wait *entry = &daemon->carry.waits[hold->handle.asked.wait];
	struct process *process;
	uint64_t queued_ns;

	event->id = id;
	event->spec = spec;
	event->request = &hold->request;
	event->who = request_actor(hold->request.req, &process);
	event->now = clock_now();
	if (!(entry->since_ns & CARRY_WAITS))
		entry->since_ns = event->now.mono_ns & ~(CARRY_WAITS | CARRY_CAME_BACK);
	hold->process = process;
	if (spec->owner[0])
		event->who.owner = spec->owner;
	if (spec->bind == BIND_PID && !hold_bind(daemon, hold)) {
		hold_refuse(daemon, hold, request_take(&hold->request), process ? ENOLCK : EINVAL);
		return;
	}
	host_step(&daemon->host, event);
	if (!(queued_ns = engine_queued_ns(daemon->host.engine, id))) /* it is answered */
		return;
	entry->since_ns = wait_since(queued_ns, entry->since_ns);
	if (spec->bind == BIND_FD) {
		process_put(hold->process);
		hold->process = NULL;
	}
}

/* Answers an open with the grant that it was promised: the server died before it said so. */
static void hold_grant_again(struct daemon *daemon, struct hold *hold, uint64_t token)
{
	hold->id = engine_replayed(token);
	engine_adopt(daemon->host.engine, hold->id, &hold->request);
	hold_rewatch(daemon, hold);
	hold_reply(daemon, hold, request_take(&hold->request), token);
}

/* The thread has come back: its place is its own again. */
static void hold_unpause(struct daemon *daemon, int32_t tid, uint64_t inode)
{
	struct carry_pause *pause;
	const uint64_t until_ns = daemon->carry.head->paused_until_ns;

	if (until_ns == 0 || until_ns < clock_mono_coarse()) /* nobody is awaited */
		return;
	pause = carry_pause_of(&daemon->carry, tid);
	if (pause->tid == tid && pause->inode == inode)
		pause->until_ns = 0;
}

/* Puts an open that waited before the restart into the queue again; `wait` is its entry. */
static void hold_requeue(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	const struct fuse_file_info *fi, uint32_t wait)
{
	struct event event = {
		.kind = EVENT_REQUEUE, .since_ns = daemon->carry.waits[wait].since_ns};
	struct spec spec;
	struct hold *hold = hold_create(daemon, req, inode, wait);

	if (!hold)
		return;
	if (hold_spec(daemon, inode, fi, &spec) == OK)
		hold_ask(daemon, hold, &spec, &event);
	else
		hold_refuse(daemon, hold, request_take(&hold->request), EINVAL);
}

void hold_open(
	struct daemon *daemon, fuse_req_t req, const struct inode *inode, struct fuse_file_info *fi)
{
	const struct carry_promise *promise = request_promised(daemon);
	const int32_t tid = fuse_req_ctx(req)->pid;
	const uint64_t number = inode->number;
	struct event event = {.kind = EVENT_ACQUIRE};
	struct spec spec;
	struct hold *hold;
	enum err err = hold_spec(daemon, inode, fi, &spec);

	if (daemon->requeued) {
		hold_requeue(daemon, req, inode, fi, daemon->requeued);
		return;
	}
	if (err == OK && is_kernels_own(fi)) {
		fuse_reply_err(req, ENOTTY);
		return;
	}
	if (err != OK) {
		fuse_reply_err(req, errno_of(err));
		return;
	}
	if (!(hold = hold_create(
		      daemon, req, inode, carry_wait_add(&daemon->carry, daemon->unique))))
		return;
	if (promise) {
		hold_grant_again(daemon, hold, promise->token);
		return;
	}
	hold_ask(daemon, hold, &spec, &event); /* it may be answered by now */
	hold_unpause(daemon, tid, number);
}

void hold_repause(struct daemon *daemon, const struct carry_pause *pause)
{
	const struct inode *inode = inode_find(&daemon->inodes, pause->inode);
	const struct fuse_file_info fi = {0}; /* who does not wait is not interrupted */
	struct event event = {.kind = EVENT_REQUEUE,
		.id = daemon->next_id++,
		.since_ns = pause->since_ns,
		.until_ns = pause->until_ns,
		.who = {.process = {pause->pid, pause->start_ns},
			.tid = pause->tid,
			.uid = pause->uid,
			.owner = user_name(pause->uid)}};
	struct spec spec;

	if (!inode || inode->dir != INODE_LOCKS || hold_spec(daemon, inode, &fi, &spec) != OK)
		return;
	if (spec.owner[0])
		event.who.owner = spec.owner;
	event.spec = &spec;
	host_step(&daemon->host, &event);
}
