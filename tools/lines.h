/* Whole lines out of a descriptor that may still grow: a ledger, a log, a stream. */
#ifndef TOOLS_LINES_H
#define TOOLS_LINES_H

#include <stddef.h>

struct lines {
	int fd; /* not owned */
	char *data;
	size_t room, start, end; /* data[start..end) is read and not yet handed out */
	size_t seen;             /* of that, how much is known to hold no newline */
};

void lines_init(struct lines *lines, int fd);
void lines_finish(struct lines *lines);

/* The next complete line, terminated, without its newline, in `*line` and `*len`; valid until the
 * next call. Returns 1; 0 if there is none yet (end of file, or EAGAIN of a non-blocking one); -1
 * with errno set. An incomplete last line stays until the rest of it comes. */
int lines_next(struct lines *lines, char **line, size_t *len);

/* Bytes that were read and are not a complete line. */
size_t lines_left(const struct lines *lines);

#endif
