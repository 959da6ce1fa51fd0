/* See request.h. */
#include "request.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon.h"
#include "errors.h"
#include "proc.h"
#include "process.h"
#include "users.h"

/* libfuse calls this with a lock of the request's held, perhaps at once: only mark (fact 5). */
static void mark(fuse_req_t req, void *data)
{
	struct daemon *daemon = fuse_req_userdata(req);
	struct request *request = data;

	if (list_empty(&request->mark))
		list_add_before(&daemon->interrupted, &request->mark);
}

void request_init(struct request *request, fuse_req_t req, const struct request_type *type)
{
	request->req = req;
	request->type = type;
	list_init(&request->mark);
	if (req && type->interrupt)
		fuse_req_interrupt_func(req, mark, request);
}

fuse_req_t request_take(struct request *request)
{
	fuse_req_t req = request->req;

	request->req = NULL;
	list_remove(&request->mark);
	return req;
}

void requests_interrupt(struct daemon *daemon)
{
	while (!list_empty(&daemon->interrupted)) {
		struct request *request =
			container_of(daemon->interrupted.next, struct request, mark);

		list_remove(&request->mark);
		request->type->interrupt(daemon, request);
	}
}

void request_answer(void *context, const struct answer *answer)
{
	struct request *request = answer->request;
	struct daemon *daemon = context;

	daemon->token = answer->token;
	request->type->done(daemon, request, answer->err);
}

struct actor actor_of(uint32_t uid, int32_t tid, struct process **process)
{
	struct actor who = {
		.tid = tid,
		.uid = uid,
		.owner = user_name(uid),
	};

	*process = process_get(tid);
	if (*process)
		who.process = process_id(*process);
	return who;
}

struct actor request_actor(fuse_req_t req, struct process **process)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);

	return actor_of(ctx->uid, ctx->pid, process);
}

bool request_privileged(const struct daemon *daemon, fuse_req_t req)
{
	const struct options *options = &daemon->options;
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	gid_t groups[NGROUPS_MAX];
	int count;

	if (ctx->uid == 0 || ctx->uid == geteuid())
		return true;
	if (!options->has_admins)
		return false;
	if (ctx->gid == options->admins)
		return true;
	count = ctx->pid > 0 && proc_is_ours() ? fuse_req_getgroups(req, NGROUPS_MAX, groups) : 0;
	for (int i = 0; i < count && i < NGROUPS_MAX; i++)
		if (groups[i] == options->admins)
			return true;
	return false;
}

void requests_promise(void *context, const struct effects *fx, uint64_t seq)
{
	struct daemon *daemon = context;
	struct carry_head *head = daemon->carry.head;
	uint32_t count = head->n_kept;

	head->n_promises = count;
	in_this_order(); /* those before count no more */
	for (size_t i = 0; i < fx->n_answers; i++) {
		const struct answer *answer = &fx->answers[i];
		const struct request *request = answer->request;

		if (answer->record < 0 || !request || !request->type->unique)
			continue;
		const struct record *record = &fx->records[answer->record];

		head->promises[count++] =
			(struct carry_promise){.unique = request->type->unique(daemon, request),
				.seq = seq + (uint64_t)answer->record,
				.token = record->kind == RECORD_ACQUIRE ? record->token : 0,
				.error = errno_of(answer->err)};
	}
	in_this_order();
	head->n_promises = count;
}

/* A request that does not wait: its answer is its whole reply. */
struct command {
	struct request request;
	uint64_t unique;
	size_t size;
};

static uint64_t command_unique(const struct daemon *daemon, const struct request *request)
{
	(void)daemon;
	return container_of(request, const struct command, request)->unique;
}

static void command_done(struct daemon *daemon, struct request *request, enum err err)
{
	struct command *command = container_of(request, struct command, request);
	fuse_req_t req = request_take(request);

	(void)daemon;
	if (err == OK && command->size > 0)
		fuse_reply_write(req, command->size);
	else
		fuse_reply_err(req, errno_of(err));
	free(command);
}

static const struct request_type command_type = {.done = command_done, .unique = command_unique};

void request_command(struct daemon *daemon, fuse_req_t req, struct event *event, size_t size)
{
	struct command *command = calloc(1, sizeof(*command));
	struct process *process;

	if (!command || daemon->stopping) {
		fuse_reply_err(req, command ? ESHUTDOWN : ENOMEM);
		free(command);
		return;
	}
	if (request_promised(daemon)) { /* it was done, and the server died before it said so */
		request_init(&command->request, req, &command_type);
		command->size = size;
		command_done(daemon, &command->request, OK);
		return;
	}
	request_init(&command->request, req, &command_type);
	command->unique = daemon->unique;
	command->size = size;
	event->who = request_actor(req, &process);
	event->who.privileged = request_privileged(daemon, req);
	if (event->spec && event->spec->owner[0])
		event->who.owner = event->spec->owner;
	event->request = &command->request;
	host_step(&daemon->host, event);
	process_put(process);
}
