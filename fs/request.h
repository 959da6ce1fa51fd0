/* A request of the kernel's that the engine answers, now or after a wait. */
#ifndef FS_REQUEST_H
#define FS_REQUEST_H

#include "core/event.h"
#include "core/list.h"
#include "fuse.h"

struct daemon;

struct request;

struct request_type {
	/* Sends the reply, or what follows from it; the request may be gone afterwards. */
	void (*done)(struct daemon *daemon, struct request *request, enum err err);
	/* The kernel's number for it, as struct carry_promise has it. */
	uint64_t (*unique)(const struct daemon *daemon, const struct request *request);
	/* The kernel wants it back: requests_interrupt() calls it, from the loop. NULL: it cannot wait. */
	void (*interrupt)(struct daemon *daemon, struct request *request);
};

struct request {
	const struct request_type *type;
	fuse_req_t req;   /* NULL once answered */
	struct list mark; /* daemon::interrupted */
};

/* Makes a request of the kernel's, or of nobody (NULL). */
void request_init(struct request *request, fuse_req_t req, const struct request_type *type);

/* Takes the kernel's request out to reply to it, once. */
fuse_req_t request_take(struct request *request);

/* Deals with the requests that libfuse marked since the last call. */
void requests_interrupt(struct daemon *daemon);

/* host::answer: hands an answer to its request. */
void request_answer(void *context, const struct answer *answer);

/* host::promise: notes what the requests of a batch will be answered once its lines, of which the first will be
 * `seq`, are in the log. */
void requests_promise(void *context, const struct effects *fx, uint64_t seq);

/* What the request that is being handled was promised, and it is in the log. NULL: nothing. Only requests that
 * are sent again after a restart were. */
const struct carry_promise *request_promised(const struct daemon *daemon);

/* Who sends a request. `process` gets a reference, or NULL, and must outlive what is returned. */
struct process;
struct actor request_actor(fuse_req_t req, struct process **process);
struct actor actor_of(uint32_t uid, int32_t tid, struct process **process);

/* Whether who sends it may do what is reserved to the mount's owner: he himself, root, or an admin. */
bool request_privileged(const struct daemon *daemon, fuse_req_t req);

/* Steps `event`, whose answer is the whole reply: an error, `size` bytes written (0: none to say).
 * `event->who` is filled in, by the label that event->spec says. */
void request_command(struct daemon *daemon, fuse_req_t req, struct event *event, size_t size);

#endif
