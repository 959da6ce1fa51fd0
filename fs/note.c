/* See note.h. */
#include "note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "aside.h"
#include "file.h"
#include "message.h"

#define MOST (1ULL << 62) /* no machine grants as many tokens: what says so was changed */

/* A line, or what is in the place of one. */
struct line {
	char text[128]; /* NUL-terminated */
	size_t len;
};

/* What is in the file; nothing if that cannot be read. */
static struct line line_read(int dir, const char *name)
{
	int fd = file_open(dir, name, O_RDONLY);
	struct line line = {0};
	ssize_t len = fd >= 0 ? file_read(fd, line.text, sizeof(line.text) - 1, 0) : 0;

	file_close(&fd);
	line.len = len > 0 ? (size_t)len : 0;
	return line;
}

static struct line line_of_tokens(uint64_t mark)
{
	struct line line;

	line.len = (size_t)snprintf(line.text, sizeof(line.text), "%020" PRIu64 "\n", mark);
	return line;
}

static struct line line_of_end(const struct chain_head *head)
{
	struct line line;

	line.len = (size_t)snprintf(
		line.text, sizeof(line.text), "%020" PRIu64 " %s\n", head->seq, head->h);
	return line;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static uint64_t tokens_said(const struct line *line)
{
	const uint64_t mark = strtoull(line->text, NULL, 10);
	const struct line again = line_of_tokens(mark);

	return mark < MOST && same(line, &again) ? mark : 0;
}

static struct chain_head end_said(const struct line *line)
{
	struct chain_head head = {0};
	bool whole = sscanf(line->text, "%20" SCNu64 " %64[0-9a-f]", &head.seq, head.h) == 2;
	const struct line again = line_of_end(&head);

	return whole && strlen(head.h) == CHAIN_HEX && same(line, &again) ? head
									  : (struct chain_head){0};
}

bool note_is_damaged(int dir, const char *name)
{
	const struct line line = line_read(dir, name);

	if (line.len == 0)
		return file_odd(dir, name);
	return strcmp(name, NOTE_END) == 0 ? end_said(&line).seq == 0 : tokens_said(&line) == 0;
}

/* Writes the line where none was, or over the one before. A descriptor; -1 with errno set. */
static int line_write(int dir, const char *name, const struct line *line)
{
	char aside[ASIDE_NAME];
	ssize_t written;
	int fd;

	if (note_is_damaged(dir, name)) {
		if (!aside_move(dir, name, aside))
			return -1;
		message(LOG_WARNING, "%s fails its check: set aside as %s", name, aside);
	}
	if ((fd = file_open(dir, name, O_WRONLY | O_CREAT)) < 0)
		return -1;
	written = pwrite(fd, line->text, line->len, 0);
	if (written == (ssize_t)line->len)
		return fd;
	if (written >= 0) { /* half a line is none */
		unlinkat(dir, name, 0);
		errno = ENOSPC;
	}
	file_close(&fd);
	return -1;
}

uint64_t note_tokens(int dir)
{
	const struct line line = line_read(dir, NOTE_TOKENS);

	return tokens_said(&line);
}

int note_tokens_raise(int dir, uint64_t mark)
{
	const uint64_t before = note_tokens(dir);
	const struct line line = line_of_tokens(before > mark ? before : mark);
	int fd = line_write(dir, NOTE_TOKENS, &line);
	int err = fd >= 0 && fdatasync(fd) == 0 ? 0 : errno;

	file_close(&fd);
	return err;
}

struct chain_head note_end(int dir)
{
	const struct line line = line_read(dir, NOTE_END);

	return end_said(&line);
}

void note_end_write(int dir, const struct chain_head *head)
{
	const struct line line = line_of_end(head);
	int fd = head->seq > 0 ? line_write(dir, NOTE_END, &line) : -1;

	file_close(&fd);
}
