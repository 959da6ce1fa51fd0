/* See lines.h. */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_ROOM 65536
#define LINE_LIMIT (256UL * 1024 * 1024) /* a checkpoint line holds the whole state */

void lines_init(struct lines *lines, int fd)
{
	*lines = (struct lines){.fd = fd};
}

void lines_finish(struct lines *lines)
{
	free(lines->data);
	lines_init(lines, -1);
}

/* Makes room to read a good deal into, first by moving what is left to the front. */
static int lines_reserve(struct lines *lines)
{
	size_t room = lines->room ? lines->room : LINES_ROOM;
	char *data;

	if (lines->start) {
		memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
		lines->end -= lines->start;
		lines->start = 0;
	}
	while (room - lines->end < LINES_ROOM / 2)
		room *= 2;
	if (room == lines->room)
		return 0;
	if (room > LINE_LIMIT) {
		errno = EMSGSIZE;
		return -1;
	}
	data = realloc(lines->data, room);
	if (!data)
		return -1;
	lines->data = data;
	lines->room = room;
	return 0;
}

/* Reads once. 1: there is more now; 0: nothing to be had; -1: errno. */
static int lines_fill(struct lines *lines)
{
	ssize_t n;

	if (lines_reserve(lines) < 0)
		return -1;
	do {
		n = read(lines->fd, lines->data + lines->end, lines->room - lines->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	lines->end += (size_t)n;
	return n > 0;
}

int lines_next(struct lines *lines, char **line, size_t *len)
{
	for (;;) {
		char *from = lines->data ? lines->data + lines->start : NULL;
		size_t have = lines->end - lines->start;
		char *newline = have ? memchr(from + lines->seen, '\n', have - lines->seen) : NULL;

		if (newline) {
			*newline = '\0';
			*line = from;
			*len = (size_t)(newline - from);
			lines->start += *len + 1;
			lines->seen = 0;
			return 1;
		}
		lines->seen = have;

		int more = lines_fill(lines);

		if (more <= 0)
			return more;
	}
}

size_t lines_left(const struct lines *lines)
{
	return lines->end - lines->start;
}
