/* Our end of the kernel's connection: libfuse takes the requests apart, and what it cannot be trusted with is
 * done around it. */
#ifndef FS_SESSION_H
#define FS_SESSION_H

#include <stdbool.h>
#include <stddef.h>

struct daemon;

/* Opens daemon::session on the descriptor of a mount, which does not block from now on. False after a message. */
bool session_open(struct daemon *daemon, int fuse);
void session_close(struct daemon *daemon);

/* Reads a request into session_buffer(); its length, 0 when there is none: the session may have ended. */
size_t session_read(struct daemon *daemon);
void *session_buffer(struct daemon *daemon);

/* Handles a request: it is noted for the next server, and handed to libfuse. */
void session_handle(struct daemon *daemon, void *data, size_t len);

#endif
