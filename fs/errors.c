/* See errors.h. */
#include "errors.h"

#include <errno.h>

int errno_of(enum err err)
{
	static const int table[] = {
		[OK] = 0,
		[ERR_INVALID] = EINVAL,
		[ERR_TOO_LONG] = ENAMETOOLONG,
		[ERR_WOULD_WAIT] = EAGAIN,
		[ERR_TIMEOUT] = ETIMEDOUT,
		[ERR_FROZEN] = EBUSY,
		[ERR_INTERRUPTED] = EINTR,
		[ERR_LOG] = EIO,
		[ERR_STOPPING] = ESHUTDOWN,
		[ERR_LOST] = ESTALE,
		[ERR_HELD] = EBUSY,
		[ERR_ABSENT] = ENOENT,
		[ERR_EXISTS] = EEXIST,
		[ERR_DEADLOCK] = EDEADLK,
		[ERR_LIMIT] = ENOLCK,
		[ERR_PERMISSION] = EPERM,
		[ERR_NO_MEMORY] = ENOMEM,
		[ERR_CORRUPT] = EIO,
	};

	return table[err];
}
