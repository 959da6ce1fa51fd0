/* See intake.h. */
#include "intake.h"

#include <string.h>

#include "daemon.h"
#include "wire.h"

/* The first request says what the kernel can: the next server has to hear it too. */
static void init_keep(struct carry_head *head, const void *data, size_t len)
{
	if (len > CARRY_INIT_MAX || head->init_len)
		return;
	memcpy(head->init, data, len);
	in_this_order(); /* complete before it counts; so below */
	head->init_len = (uint32_t)len;
}

void intake_note(struct daemon *daemon, const void *data, size_t len)
{
	struct carry_head *head = daemon->carry.head;
	struct carry_file *file;
	struct wire wire;

	daemon->unique = 0;
	if (!wire_read(data, len, &wire) || wire.kind == WIRE_SILENT)
		return;
	daemon->unique = wire.unique;
	if (wire.kind == WIRE_INIT)
		init_keep(head, data, len);
	if (wire.kind == WIRE_POLL && (file = carry_file_find(&daemon->carry, wire.fh)))
		file->poll = wire.poll;
	if (head->n_requests == CARRY_REQUESTS_MAX)
		return;
	head->requests[head->n_requests] = (struct carry_request){
		.unique = wire.unique, .fh = wire.fh, .release = wire.kind == WIRE_RELEASE};
	in_this_order();
	head->n_requests++;
}

void intake_done(struct daemon *daemon)
{
	daemon->carry.head->n_requests = 0;
}
