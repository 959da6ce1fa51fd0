/* What is noted of the kernel's requests as they come, for the server that may have to go on. */
#ifndef FS_INTAKE_H
#define FS_INTAKE_H

#include <stddef.h>

struct daemon;

/* Notes a request before it is handled. */
void intake_note(struct daemon *daemon, const void *data, size_t len);

/* All that were noted are answered, or parked with an entry of their own. */
void intake_done(struct daemon *daemon);

#endif
