/* See refuse.h. A close is not answered at all: nobody waits for that, and a server that comes after all gets
 * it sent again. */
#include "refuse.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "carry.h"
#include "spawn.h"
#include "wire.h"

/* Refuses what is known to be read and not answered, where nothing is sent again. A close stays for a server that
 * comes after all. */
static void carried_refuse(const struct kept *kept)
{
	struct carry carry;

	if (!carry_map(&carry, kept->carry))
		return;
	for (uint32_t i = 0; i < carry.head->n_requests; i++)
		if (!carry.head->requests[i].release)
			wire_answer(kept->fuse, carry.head->requests[i].unique, EIO);
	for (uint64_t i = 1; i < carry.head->n_waits; i++)
		if (carry.waits[i].unique) {
			wire_answer(kept->fuse, carry.waits[i].unique, EIO);
			carry_wait_remove(&carry, (uint32_t)i);
		}
	carry_unmap(&carry);
}

void refuse_begin(const struct kept *kept, bool resend)
{
	if (!resend || wire_resend(kept->fuse) != 0)
		carried_refuse(kept);
}

bool refuse_all(int fuse)
{
	static char buffer[WIRE_ROOM];
	struct wire wire;
	ssize_t len;

	while ((len = read(fuse, buffer, sizeof(buffer))) > 0)
		if (wire_read(buffer, (size_t)len, &wire) && wire.kind != WIRE_SILENT &&
			wire.kind != WIRE_RELEASE)
			wire_answer(fuse, wire.unique, EIO);
	return errno == EAGAIN || errno == EINTR || errno == ENOENT;
}
