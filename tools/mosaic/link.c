/* See link.h. */
#include "mosaic/link.h"

#include <errno.h>
#include <sys/socket.h>

int link_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0
		? errno
		: 0;
}

void link_send(int fd, const void *message, size_t size)
{
	if (send(fd, message, size, MSG_NOSIGNAL) < 0)
		return;
}

int link_receive(int fd, void *message, size_t size)
{
	ssize_t n;

	do {
		n = recv(fd, message, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)size)
		return 1;
	return n < 0 && errno == EAGAIN ? 0 : -1;
}
