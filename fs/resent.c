/* See resent.h. */
#include "resent.h"

#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "session.h"

static int resent_compare(const void *a, const void *b)
{
	const struct resent *x = a, *y = b;
	uint64_t p = wire_order(x->wire.unique), q = wire_order(y->wire.unique);

	return p < q ? -1 : p > q;
}

struct resent *resent_find(const struct resents *resents, uint64_t unique)
{
	const struct resent key = {.wire.unique = unique};

	return resents->count ? bsearch(&key, resents->list, resents->count, sizeof(*resents->list),
					resent_compare)
			      : NULL;
}

/* Keeps a request for later. False: there is no memory. */
static bool resent_add(struct resents *resents, const void *data, size_t len)
{
	size_t room = resents->count;
	struct resent *more = resents->list;

	if ((room & (room - 1)) == 0) /* full at every power of two */
		more = realloc(more, (room ? room * 2 : 1) * sizeof(*more));
	if (!more)
		return false;
	resents->list = more;

	struct resent *resent = &more[resents->count];

	*resent = (struct resent){.data = malloc(len), .len = len};
	if (!resent->data)
		return false;
	memcpy(resent->data, data, len);
	wire_read(data, len, &resent->wire);
	resents->count++;
	return true;
}

bool resents_read(struct daemon *daemon, struct resents *resents)
{
	bool ok = true;
	size_t len;

	while (ok && (len = session_read(daemon)) > 0)
		ok = resent_add(resents, session_buffer(daemon), len);
	if (resents->count)
		qsort(resents->list, resents->count, sizeof(*resents->list), resent_compare);
	return ok;
}

void resent_handle(struct daemon *daemon, struct resent *resent)
{
	if (!resent->data)
		return;
	if (resent->wait && !(daemon->carry.waits[resent->wait].since_ns & CARRY_WAITS)) {
		carry_wait_remove(&daemon->carry, resent->wait);
		resent->wait = 0;
	}
	daemon->requeued = resent->wait;
	session_handle(daemon, resent->data, resent->len);
	daemon->requeued = 0;
	free(resent->data);
	resent->data = NULL;
}

uint64_t resent_since(const struct daemon *daemon, const struct resent *resent)
{
	if (resent->wire.kind != WIRE_OPEN)
		return 0;
	return resent->wait ? daemon->carry.waits[resent->wait].since_ns : UINT64_MAX;
}
