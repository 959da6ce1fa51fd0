/* What little of the kernel's protocol goes past libfuse: what a request is, before it is handled, and words to
 * the kernel that libfuse 3.14 does not know. See linux/fuse.h, and the kernel's fuse_dev_do_read(). */
#ifndef FS_WIRE_H
#define FS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest request that libfuse lets the kernel send: a write of 1 MiB. */
#define WIRE_ROOM ((1 << 20) + 4096)

/* The requests that somebody here asks after. */
enum wire_kind { WIRE_OTHER, WIRE_INIT, WIRE_OPEN, WIRE_RELEASE, WIRE_POLL, WIRE_SILENT };

struct wire {
	enum wire_kind kind; /* WIRE_SILENT: gets no reply */
	uint64_t unique;     /* as it came: a reply must say the same */
	uint64_t fh;         /* of RELEASE and POLL */
	uint64_t poll;       /* of POLL: the kernel's number for who sleeps */
};

/* What stands in a request. False: it is none. */
bool wire_read(const void *data, size_t len, struct wire *wire);

/* The same number whether a request came once or was sent again. It grows in order of arrival (fact 8). */
uint64_t wire_order(uint64_t unique);

/* Asks the kernel to send every request again that was read and not answered. 0, or an errno: EINVAL before
 * Linux 6.9. */
int wire_resend(int fd);

/* Wakes who sleeps in poll(2); a number that the kernel does not know is ignored. */
void wire_wake(int fd, uint64_t poll);

/* Answers a request with an error, or 0. */
void wire_answer(int fd, uint64_t unique, int error);

#endif
