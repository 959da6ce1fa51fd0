/* See recovery.h. */
#include "recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "message.h"
#include "note.h"

#define AHEAD_MS 2000 /* of the log before the clock: worth a word */

/* A log while it is read. */
struct reading {
	struct engine **engine;
	struct chain *chain;
	struct recovery *recovery;
	struct chain_head seen; /* of the log, by somebody: it must have got this far */
	struct chain_head
		known;   /* the same, by the server before; its `seq` is 0 if there was none */
	int64_t wall_ms; /* of the last line */
};

static int part_replay(void *context, const struct record *part)
{
	return engine_replay(context, part);
}

/* What a line says of the daemon that wrote it. */
static void line_note(struct reading *reading, const struct record *record)
{
	struct recovery *recovery = reading->recovery;

	if (record->kind ==
		RECORD_CHECKPOINT) /* it alone has told what another boot makes of the state */
		strcpy(recovery->boot, record->boot);
	if (record->kind == RECORD_CORRUPT_BREAK) /* and no checkpoint came after it */
		recovery->damaged = true;
	if (record->mount[0])
		strcpy(recovery->mount, record->mount);
	if (record->kind == RECORD_START || record->kind == RECORD_CHECKPOINT)
		recovery->running = true;
	else if (record->kind == RECORD_STOP)
		recovery->running = false;
	reading->wall_ms = record->wall_ms;
	recovery->lines++;
}

/* Does one line again. OK, or why not. */
static int line_replay(struct reading *reading, const char *line, size_t len)
{
	struct scan scan = {.at = line, .end = line + len};
	struct record record;
	int err;

	record_init(&record, RECORD_KINDS, 0);
	err = record_read(&scan, &record, part_replay, *reading->engine);
	if (err == OK && (record.kind == RECORD_KINDS || scan.at != scan.end))
		err = ERR_CORRUPT;
	if (err == OK && reading->recovery->lines == 0 && record.kind != RECORD_CHECKPOINT)
		err = ERR_CORRUPT; /* what came before it is missing */
	if (err == OK)
		err = engine_replay(*reading->engine, &record);
	if (err == OK)
		line_note(reading, &record);
	return err;
}

/* Whether a line is not the one that was seen in its place. */
static bool is_another(const struct chain_head *line, const struct chain_head *seen)
{
	return line->seq == seen->seq && strcmp(line->h, seen->h) != 0;
}

/* Replays the lines of `data`; the bytes up to the first that does not count. */
static size_t lines_replay(struct reading *reading, const char *data, size_t len)
{
	struct chain *chain = reading->chain;
	size_t at = 0;

	while (at < len) {
		const char *line = data + at, *end = memchr(line, '\n', len - at);
		size_t line_len = end ? (size_t)(end - line) : 0;

		if (!end || (at == 0 && chain_adopt(chain, line, line_len) != OK))
			break;
		struct chain_head before = chain->head;

		if (chain_check(chain, line, line_len) != OK)
			break;
		int err = line_replay(reading, line, line_len);

		if (err != OK) {
			chain->head = before;
			reading->recovery->no_memory = err == ERR_NO_MEMORY;
			break;
		}
		if (is_another(&chain->head, &reading->seen) ||
			is_another(&chain->head, &reading->known))
			reading->recovery->another = reading->recovery->damaged = true;
		at += line_len + 1;
	}
	return at;
}

/* Begins the engine and the chain anew; that something was damaged stays so. */
static bool reading_begin(struct reading *reading)
{
	*reading->recovery = (struct recovery){.damaged = reading->recovery->damaged};
	engine_destroy(*reading->engine);
	*reading->engine = engine_create();
	chain_init(reading->chain);
	if (*reading->engine)
		return true;
	message(LOG_ERR, "not enough memory to read the log");
	return false;
}

/* Whether the rest of the file is a line that a dying daemon did not come to the end of. */
static bool torn(const struct reading *reading, const char *boot, const char *rest, size_t len)
{
	return reading->recovery->lines > 0 && !memchr(rest, '\n', len) &&
		strcmp(reading->recovery->boot, boot) == 0 &&
		reading->seen.seq <= reading->chain->head.seq;
}

/* What does not count is about to be set aside: until the log says so, `end` does, or a daemon that came
 * after a death between the two would believe the rest. */
static void damage_remember(struct reading *reading, const struct disk *disk)
{
	const uint64_t seq = reading->chain->head.seq;

	reading->recovery->damaged = true;
	if (reading->seen.seq <= seq) {
		reading->seen.seq = seq + 1;
		memset(reading->seen.h, '0', CHAIN_HEX);
	}
	note_end_write(disk->dir, &reading->seen);
}

/* Replays the last segment and sets aside what does not count; `done` if that leaves anything of it. False
 * after a message. */
static bool last_replay(struct reading *reading, struct disk *disk, const char *boot, bool *done)
{
	const struct segment last = disk->segments[disk->count - 1];
	size_t len = 0, good = 0;
	char *data = last.odd ? NULL : segment_load(disk->dir, &last, &len);

	if (!data && !last.odd) {
		message(LOG_ERR, "cannot read the end of the log in %s: %s: nothing was changed",
			disk->path, strerror(errno));
		return false;
	}
	if (data)
		good = lines_replay(reading, data, len);
	if (reading->recovery->no_memory) { /* the log is good: do not set it aside for that */
		message(LOG_ERR, "not enough memory to read the log");
		free(data);
		return false;
	}
	*done = good > 0;
	if (data && good == len && good == last.size && len > 0) {
		free(data);
		return true;
	}
	if (data && torn(reading, boot, data + good, len - good)) {
		reading->recovery->torn = true; /* nobody has seen it */
	} else {
		damage_remember(reading, disk);
		if (segment_end(&last) > disk->reached)
			disk->reached = segment_end(&last);
	}
	free(data);
	if (damage_end(disk, last.start + good))
		return true;
	if (good > 0)
		damage_leave(disk, last.start + good);
	return good > 0;
}

/* What the lines that were read do not say. */
static void recovery_finish(const struct reading *reading, uint64_t begun_ns)
{
	struct recovery *recovery = reading->recovery;
	const struct chain_head *head = &reading->chain->head;
	const struct totals totals = engine_totals(*reading->engine);
	const int64_t ahead_ms = reading->wall_ms - clock_now().wall_ms;

	recovery->events = head->seq;
	recovery->leases = totals.leases;
	recovery->holds = totals.holders - totals.leases;
	recovery->freezes = totals.freezes;
	if (reading->seen.seq > head->seq)
		recovery->missing = reading->seen.seq - head->seq;
	if (recovery->missing > 0)
		recovery->damaged = true;
	recovery->ahead_ms = ahead_ms > 0 ? (uint64_t)ahead_ms : 0;
	recovery->took_ms = (clock_mono() - begun_ns) / 1000000;
}

bool recover(struct disk *disk, const struct known *known, struct engine **engine,
	struct chain *chain, struct recovery *recovery)
{
	struct reading reading = {
		engine, chain, recovery, .seen = note_end(disk->dir), .known = known->head};
	const uint64_t begun_ns = clock_mono();
	bool done = false;

	*recovery = (struct recovery){.damaged = disk->damage.blind && known->head.seq == 0};
	if (known->head.seq > reading.seen.seq)
		reading.seen = known->head;
	if (!reading_begin(&reading))
		return false;
	while (disk->count > 0 && !done)
		if (!reading_begin(&reading) || !last_replay(&reading, disk, known->boot, &done))
			return false;
	damage_history(disk, strcmp(recovery->boot, known->boot) != 0);
	recovery_finish(&reading, begun_ns);
	return true;
}

void recovery_text(const struct recovery *recovery, char text[DETAIL_MAX + 1])
{
	int len = snprintf(text, DETAIL_MAX + 1,
		"events=%" PRIu64 ",holds=%" PRIu64 ",leases=%" PRIu64 ",freezes=%" PRIu64
		",read=%" PRIu64 ",ms=%" PRIu64,
		recovery->events, recovery->holds, recovery->leases, recovery->freezes,
		recovery->lines, recovery->took_ms);

	if (recovery->ahead_ms >= AHEAD_MS)
		snprintf(text + len, DETAIL_MAX + 1 - (size_t)len, ",ahead_s=%" PRIu64,
			recovery->ahead_ms / 1000);
}

/* Reads the last segment of a directory. NULL with errno set, 0 if there is none. */
static char *newest_load(const char *state, size_t *len)
{
	int dir = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct segment *segments = NULL;
	size_t count = 0;
	char *data = NULL;

	if (dir >= 0 && segments_find(dir, &segments, &count)) {
		errno = 0;
		data = count ? segment_load(dir, &segments[count - 1], len) : NULL;
	}
	int err = errno;

	free(segments);
	if (dir >= 0)
		close(dir);
	errno = err;
	return data;
}

bool recovery_try(const char *state)
{
	struct engine *engine = NULL;
	struct recovery recovery = {0};
	struct chain chain;
	struct reading reading = {&engine, &chain, &recovery};
	size_t len = 0, good = 0;
	char *data = newest_load(state, &len);
	bool ok = false;

	if (!data) {
		message(LOG_ERR, "cannot read the log in %s: %s", state,
			errno ? strerror(errno) : "there is none");
	} else if (reading_begin(&reading)) {
		good = lines_replay(&reading, data, len);
		ok = good > 0 && !memchr(data + good, '\n', len - good);
		if (!ok)
			message(LOG_ERR, "cannot go on from the log in %s: seq %" PRIu64 "%s",
				state, chain.head.seq + 1,
				recovery.no_memory ? ": not enough memory"
						   : " is no line that this version reads");
	}
	engine_destroy(engine);
	free(data);
	return ok;
}
