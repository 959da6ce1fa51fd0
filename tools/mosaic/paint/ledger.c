/* See ledger.h. */
#include "mosaic/paint/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "lines.h"
#include "when.h"

#define TAIL 2048 /* bytes from the end in which a whole last line must be */

/* Reads the index and the hash out of the last line. False if it is not one of ours. */
static bool line_end(const char *line, size_t len, struct ledger_end *end)
{
	char prev[CHAIN_HASH];

	if (!chain_check(line, len, prev, end->h) || !json_u64(line, "i", &end->next))
		return false;
	end->next++;
	return true;
}

int ledger_find_end(int fd, bool repair, struct ledger_end *end)
{
	char tail[TAIL + 1], *newline, *line;
	struct stat st;
	ssize_t n;
	off_t from;

	*end = (struct ledger_end){.h = CHAIN_FIRST};
	if (fstat(fd, &st) < 0)
		return errno;
	from = st.st_size > TAIL ? st.st_size - TAIL : 0;
	n = pread(fd, tail, sizeof(tail) - 1, from);
	if (n < 0)
		return errno;
	tail[n] = '\0';
	newline = memrchr(tail, '\n', (size_t)n);
	if (!newline && from > 0)
		return EBADMSG;
	end->size = newline ? from + (newline + 1 - tail) : 0;
	end->cut = repair && end->size < st.st_size;
	if (!newline)
		return 0;
	*newline = '\0';
	line = memrchr(tail, '\n', (size_t)(newline - tail));
	line = line ? line + 1 : tail;
	return line_end(line, (size_t)(newline - line), end) ? 0 : EBADMSG;
}

int ledger_find(int fd, uint64_t i, bool *there)
{
	struct lines lines;
	uint64_t number;
	char *line;
	size_t len;
	int more = 0;

	*there = false;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return errno;
	lines_init(&lines, fd);
	while (!*there && (more = lines_next(&lines, &line, &len)) > 0)
		*there = json_u64(line, "i", &number) && number == i;
	more = !*there && more < 0 ? errno : 0;
	lines_finish(&lines);
	return more;
}

int ledger_compose(
	struct ledger_line *line, const struct ledger_end *end, const struct ledger_entry *entry)
{
	char stamp[WHEN_STAMP], h[CHAIN_HASH];

	when_stamp(stamp, 0);
	snprintf(line->text, sizeof(line->text),
		"{\"i\":%" PRIu64 ",\"x\":%" PRIu64 ",\"y\":%" PRIu64
		",\"rgb\":[%u,%u,%u],\"owner\":\"%s\",\"pid\":%d,\"ts\":\"%s\",\"token\":%" PRIu64,
		entry->i, entry->x, entry->y, entry->rgb[0], entry->rgb[1], entry->rgb[2],
		entry->owner, (int)entry->pid, stamp, entry->token);
	line->len = chain_seal(line->text, sizeof(line->text), end->h, h);
	return line->len ? 0 : EMSGSIZE;
}

int ledger_append(int fd, const struct ledger_end *end, const struct ledger_line *line)
{
	ssize_t n;

	if (end->cut && ftruncate(fd, end->size) < 0)
		return errno;
	n = write(fd, line->text, line->len);
	if (n == (ssize_t)line->len)
		return fsync(fd) < 0 ? errno : 0;
	if (n < 0)
		return errno;
	return ftruncate(fd, end->size) < 0 ? errno : ENOSPC;
}
