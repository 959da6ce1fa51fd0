/* See revival.h. */
#include "revival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "arrivals.h"
#include "daemon.h"
#include "fuse.h"
#include "handle.h"
#include "hold_file.h"
#include "loop.h"
#include "message.h"
#include "resent.h"
#include "session.h"
#include "wire.h"

#define DOUBT_NS                                                                                   \
	10000000000ULL /* in which a reply has reached its process, however busy the machine is */

struct revival {
	struct resents requests;
	struct carry_promise promises[CARRY_PROMISES_MAX]; /* that the log has */
	size_t n_promises;
	bool resends; /* the kernel can */
};

/* Those promises count whose lines are in the log. */
static void promises_take(struct daemon *daemon, struct revival *revival)
{
	const struct carry_head *head = daemon->carry.head;

	for (uint32_t i = 0; i < head->n_promises; i++)
		if (head->promises[i].seq <= daemon->host.chain.head.seq)
			revival->promises[revival->n_promises++] = head->promises[i];
}

static const struct carry_promise *promise_find(const struct revival *revival, uint64_t unique)
{
	for (size_t i = 0; i < revival->n_promises; i++)
		if (wire_order(revival->promises[i].unique) == wire_order(unique))
			return &revival->promises[i];
	return NULL;
}

const struct carry_promise *request_promised(const struct daemon *daemon)
{
	return daemon->revival && daemon->unique ? promise_find(daemon->revival, daemon->unique)
						 : NULL;
}

/* Writes one that is in the log over one that is not, or over itself: it counts whatever the next line's number is. */
static void promise_write(struct carry_promise *promise, const struct carry_promise *from)
{
	if (promise->unique != from->unique) {
		promise->unique = 0;
		in_this_order();
		promise->token = from->token;
		promise->error = from->error;
	}
	promise->seq = 0;
	in_this_order();
	promise->unique = from->unique;
}

/* Keeps those promises for the next server that it may need: it may be us who die before they are kept. None is
 * missing in between, since each moves towards the first or stays. */
static void promises_keep(struct daemon *daemon, const struct revival *revival)
{
	struct carry_head *head = daemon->carry.head;
	uint32_t count = 0;

	for (size_t i = 0; i < revival->n_promises && count < CARRY_PROMISES_MAX - EFFECTS_MAX; i++)
		promise_write(&head->promises[count++], &revival->promises[i]);
	in_this_order();
	head->n_promises = count;
	in_this_order();
	head->n_kept = count;
}

/* Nothing is sent again by this kernel: closes are done, and everybody else is sent away. */
static void requests_abandon(struct daemon *daemon)
{
	const int fd = fuse_session_fd(daemon->session);
	struct carry_head *head = daemon->carry.head;

	for (uint32_t i = 0; i < head->n_requests; i++) {
		const struct carry_request *request = &head->requests[i];
		struct handle *handle = request->release ? handle_find(daemon, request->fh) : NULL;
		struct carry_file *file = handle ? handle_release(daemon, handle) : NULL;

		if (file)
			carry_file_remove(&daemon->carry, file);
		wire_answer(fd, request->unique, request->release ? 0 : EINTR);
	}
	for (uint64_t i = 1; i < head->n_waits; i++) {
		if (!daemon->carry.waits[i].unique)
			continue;
		wire_answer(fd, daemon->carry.waits[i].unique, EINTR);
		carry_wait_remove(&daemon->carry, (uint32_t)i);
	}
}

/* Tells the parked requests that came again from those that are over. */
static void waits_match(struct daemon *daemon, const struct revival *revival)
{
	struct carry *carry = &daemon->carry;

	for (uint64_t i = 1; i < carry->head->n_waits; i++) {
		const struct carry_wait *wait = &carry->waits[i];
		struct resent *resent =
			wait->unique ? resent_find(&revival->requests, wait->unique) : NULL;

		if (!wait->unique)
			continue;
		if (resent && wait->since_ns && resent->wire.kind == WIRE_OPEN && !resent->wait &&
			!promise_find(revival, wait->unique))
			resent->wait = (uint32_t)i;
		else
			carry_wait_remove(carry, (uint32_t)i);
	}
}

_Noreturn void revival_fail(void)
{
	message(LOG_ERR, "cannot go on for now: %s", strerror(errno));
	_exit(EXIT_FAILURE);
}

/* Goes on with an open file. False: it is none any more. */
static bool file_revive(struct daemon *daemon, struct carry_file *file)
{
	switch ((enum carry_kind)file->kind) {
	case CARRY_HOLD: return hold_revive(daemon, file);
	case CARRY_LEASE: return lease_file_revive(daemon, file);
	case CARRY_FREEZE: return freeze_revive(daemon, file);
	case CARRY_RENEW: return renew_revive(file);
	case CARRY_AUDIT: return audit_revive(daemon, file);
	case CARRY_VIEW: return view_revive(daemon, file);
	case CARRY_DIR: return dir_revive(daemon, file);
	case CARRY_NONE: break;
	}
	return false;
}

static void files_revive(struct daemon *daemon, const struct revival *revival)
{
	struct carry *carry = &daemon->carry;

	for (uint64_t i = 1; i < carry->head->n_files; i++) {
		struct carry_file *file = &carry->files[i];

		if (file->kind == CARRY_NONE)
			continue;
		/* An open that nobody got is none, and one that comes again is made again. */
		if (file->undelivered ||
			(file->unique && resent_find(&revival->requests, file->unique)) ||
			!file_revive(daemon, file)) {
			if (file->poll) /* who sleeps asks again, and hears that it is lost */
				wire_wake(fuse_session_fd(daemon->session), file->poll);
			carry_file_remove(carry, file);
		}
	}
}

/* The kernel says hello once; each server has to hear it. */
static void hello_again(struct daemon *daemon)
{
	struct carry_head *head = daemon->carry.head;

	session_handle(daemon, head->init, head->init_len);
}

void revival_begin(struct daemon *daemon)
{
	struct revival *revival = calloc(1, sizeof(*revival));

	if (!revival)
		revival_fail();
	daemon->revival = revival;
	promises_take(daemon, revival);
	hello_again(daemon);
	revival->resends =
		!daemon->options.no_resend && wire_resend(fuse_session_fd(daemon->session)) == 0;
	if (!resents_read(daemon, &revival->requests))
		revival_fail();
	if (revival->resends)
		waits_match(daemon, revival);
	files_revive(daemon, revival);
	promises_keep(daemon, revival);
}

/* Whether the log has it that this one was denied: then he is told so, whatever has happened since. */
static bool denied_again(
	const struct daemon *daemon, const struct revival *revival, struct resent *resent)
{
	const struct carry_promise *promise = promise_find(revival, resent->wire.unique);

	if (!promise || !promise->error)
		return false;
	wire_answer(fuse_session_fd(daemon->session), resent->wire.unique, promise->error);
	free(resent->data);
	resent->data = NULL;
	return true;
}

/* Handles what came again, in order of arrival. */
static void requests_again(struct daemon *daemon, struct revival *revival)
{
	const struct resents *requests = &revival->requests;
	struct arrivals arrivals = arrivals_make(daemon, requests);

	for (size_t i = 0; i < requests->count; i++) {
		if (!requests->list[i].data || /* he is back */
			denied_again(daemon, revival, &requests->list[i]))
			continue;
		arrivals_queue(daemon, &arrivals, resent_since(daemon, &requests->list[i]));
		resent_handle(daemon, &requests->list[i]);
		if (i % 32 == 31)
			loop_settle(daemon);
	}
	arrivals_queue(daemon, &arrivals, UINT64_MAX);
	free(arrivals.list);
	loop_settle(daemon);
}

/* Ends the holds of this mount that nobody has a descriptor of: rule 5. */
static void unclaimed_prune(struct daemon *daemon)
{
	struct event event = {.kind = EVENT_CLOSE, .reason = REASON_UNKNOWN};
	uint64_t id = 0;

	while ((id = engine_orphan(daemon->host.engine, id)) != 0) {
		if (engine_token(daemon->host.engine, id) < daemon->carry.head->first_token)
			continue;
		event.id = id;
		event.now.mono_ns = 0;
		host_step(&daemon->host, &event);
	}
}

/* Whoever slept in poll(2) asks again. */
static void polls_wake(const struct daemon *daemon)
{
	const struct carry *carry = &daemon->carry;

	for (uint64_t i = 1; i < carry->head->n_files; i++)
		if (carry->files[i].kind != CARRY_NONE && carry->files[i].poll)
			wire_wake(fuse_session_fd(daemon->session), carry->files[i].poll);
}

void revival_finish(struct daemon *daemon)
{
	struct revival *revival = daemon->revival;

	holds_rewatch(daemon);
	if (!revival->resends)
		requests_abandon(daemon);
	requests_again(daemon, revival);
	unclaimed_prune(daemon);
	loop_settle(daemon);
	polls_wake(daemon);
	daemon->carry.head->n_kept = 0;
	daemon->doubt_ns = clock_mono() + DOUBT_NS;
	daemon->revival = NULL;
	free(revival->requests.list);
	free(revival);
}

/* Whether no other open file is of the same spec: then a descriptor of that is this one's. */
static bool hold_is_alone(const struct daemon *daemon, const struct hold *hold)
{
	struct handle *handle;
	unsigned count = 0;

	for (uint64_t at = 0; count < 2 && (handle = handle_next(daemon, &at));)
		if (hold_of(handle) && hold_inode(hold_of(handle)) == hold_inode(hold))
			count++;
	return count == 1;
}

void doubts_settle(struct daemon *daemon)
{
	struct handle *handle;

	daemon->doubt_ns = NEVER;
	for (uint64_t at = 0; (handle = handle_next(daemon, &at));) {
		const struct hold *hold = hold_of(handle);

		if (handle->file->unique == 0)
			continue;
		const bool has = hold && orphan_has_descriptor(daemon, hold->id, hold_inode(hold));

		if (has && !hold_is_alone(daemon, hold)) { /* which of them is it? */
			daemon->doubt_ns = clock_mono() + DOUBT_NS;
			continue;
		}
		handle->file->unique = 0;
		if (hold && !has)
			carry_file_remove(&daemon->carry, handle_release(daemon, handle));
	}
	loop_settle(daemon);
}
