/* See refuse.h. A close is not answered at all: nobody waits for that, and a server that comes after all gets
 * it sent again. */
#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "wire.h"

void refuse_begin(int fuse)
{
	fcntl(fuse, F_SETFL, O_NONBLOCK);
	wire_resend(fuse);
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
