/* See recovery.h. A line counts if its hash, its place in the chain and its content all agree; the
 * first that does not ends what is believed. */
#include "recovery.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "message.h"

/* All of the last segment; NULL when it cannot be read or there is no memory. */
static char *last_read(struct disk *disk, size_t *len)
{
	const struct segment *segment = &disk->segments[disk->count - 1];
	char *data = malloc(segment->size + 1);

	*len = 0;
	while (data && *len < segment->size) {
		ssize_t got =
			disk_read(disk, segment->start + *len, data + *len, segment->size - *len);

		if (got <= 0) {
			free(data);
			return NULL;
		}
		*len += (size_t)got;
	}
	return data;
}

static int part_replay(void *context, const struct record *part)
{
	return engine_replay(context, part);
}

/* Does one line again. OK, or why not. */
static int line_replay(
	struct engine *engine, struct recovery *recovery, const char *line, size_t len)
{
	struct scan scan = {.at = line, .end = line + len};
	struct record record;
	int err;

	record_init(&record, RECORD_KINDS, 0);
	err = record_read(&scan, &record, part_replay, engine);

	if (err == OK && (record.kind == RECORD_KINDS || scan.at != scan.end))
		err = ERR_CORRUPT;
	if (err == OK)
		err = engine_replay(engine, &record);
	if (err != OK)
		return err;
	if (record.boot[0])
		strcpy(recovery->boot, record.boot);
	if (record.kind == RECORD_START || record.kind == RECORD_CHECKPOINT)
		recovery->running = true;
	else if (record.kind == RECORD_STOP)
		recovery->running = false;
	return OK;
}

/* Replays the lines of `data`; the bytes up to the first that does not count. */
static size_t lines_replay(struct engine *engine, struct chain *chain, struct recovery *recovery,
	const char *data, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *line = data + at, *end = memchr(line, '\n', len - at);
		size_t line_len = end ? (size_t)(end - line) : 0;

		if (!end || (at == 0 && chain_adopt(chain, line, line_len) != OK))
			break;
		struct chain_head before = chain->head;

		if (chain_check(chain, line, line_len) != OK)
			break;
		int err = line_replay(engine, recovery, line, line_len);

		if (err != OK) {
			chain->head = before;
			recovery->no_memory = err == ERR_NO_MEMORY;
			break;
		}
		at += line_len + 1;
	}
	return at;
}

/* Begins the engine and the chain anew. */
static bool begin(struct engine **engine, struct chain *chain)
{
	engine_destroy(*engine);
	*engine = engine_create();
	chain_init(chain);
	if (*engine)
		return true;
	message(LOG_ERR, "not enough memory to read the log");
	return false;
}

bool recover(
	struct disk *disk, struct engine **engine, struct chain *chain, struct recovery *recovery)
{
	*recovery = (struct recovery){0};
	if (!begin(engine, chain))
		return false;
	while (disk->count > 0) {
		uint64_t start = disk->segments[disk->count - 1].start;
		size_t len, good;
		char *data = last_read(disk, &len);

		if (!data) {
			message(LOG_ERR, "cannot read the log in %s", disk->path);
			return false;
		}
		good = lines_replay(*engine, chain, recovery, data, len);
		free(data);
		if (recovery->no_memory) { /* the log is good: do not set it aside for that */
			message(LOG_ERR, "not enough memory to read the log");
			return false;
		}
		if (good == len && len > 0)
			break;
		recovery->aside_bytes += len - good;
		if (!disk_set_aside(disk, start + good, recovery->aside, sizeof(recovery->aside)))
			return false;
		message(LOG_WARNING,
			"%zu bytes at the end of the log fail their check: set aside as %s/%s",
			len - good, disk->path, recovery->aside);
		if (good > 0)
			break;
		if (!begin(engine, chain))
			return false;
	}
	recovery->holds = engine_totals(*engine).holders;
	return true;
}
