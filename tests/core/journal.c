/* See journal.h. */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/timer.h"

void journal_init(struct journal *journal)
{
	*journal = (struct journal){0};
	chain_init(&journal->chain);
}

void journal_finish(struct journal *journal)
{
	text_finish(&journal->text);
	free(journal->owed);
}

static void line_append(
	struct journal *journal, const struct record *record, const struct engine *parts)
{
	size_t start = journal->text.len;

	chain_begin(&journal->chain, &journal->text);
	record_write(record, "box", &journal->text);
	if (parts)
		engine_write_parts(parts, &journal->text);
	chain_seal(&journal->chain, &journal->text, start);
	CHECK(!journal->text.failed);
}

bool journal_append(struct journal *journal, const struct record *records, size_t count)
{
	if (journal->failing)
		return count == 0;
	for (size_t i = 0; i < count; i++)
		line_append(journal, &records[i], NULL);
	return true;
}

void journal_undo(
	struct journal *journal, struct engine *engine, const struct record *records, size_t count)
{
	struct record *owed =
		realloc(journal->owed, (journal->n_owed + count) * sizeof(*journal->owed));

	CHECK(owed);
	journal->owed = owed;
	for (size_t i = count; i-- > 0;)
		engine_undo(engine, &records[i]);
	for (size_t i = 0; i < count; i++)
		if (record_is_owed(records, i))
			journal->owed[journal->n_owed++] = records[i];
}

void journal_pay(struct journal *journal)
{
	journal->failing = false;
	journal_append(journal, journal->owed, journal->n_owed);
	journal->n_owed = 0;
}

void journal_checkpoint(struct journal *journal, struct engine *engine, int64_t wall_ms)
{
	struct record record = record_new(RECORD_CHECKPOINT, wall_ms);

	engine_checkpoint(engine, &record);
	journal->checkpoint = journal->text.len;
	line_append(journal, &record, engine);
	engine_checkpointed(engine, &record);
}

static int part_replay(void *context, const struct record *part)
{
	return engine_replay(context, part);
}

int journal_line(struct engine *engine, const char *line, size_t len, bool first)
{
	struct scan scan = {.at = line, .end = line + len};
	struct record record = record_new(RECORD_KINDS, 0);
	int err = record_read(&scan, &record, first ? part_replay : NULL, engine);

	if (err != OK)
		return err;
	if (record.kind == RECORD_KINDS || scan.at != scan.end)
		return ERR_CORRUPT;
	return engine_replay(engine, &record);
}

struct engine *journal_replay(const struct journal *journal, size_t from)
{
	struct engine *engine = engine_create();
	struct chain chain;

	CHECK(engine);
	chain_init(&chain);
	for (size_t at = from, len; at < journal->text.len; at += len + 1) {
		const char *line = journal->text.data + at;
		const char *end = memchr(line, '\n', journal->text.len - at);

		CHECK(end);
		len = (size_t)(end - line);
		if (at == from)
			CHECK(chain_adopt(&chain, line, len) == OK);
		if (chain_check(&chain, line, len) != OK)
			check_fail(__FILE__, __LINE__, "chain: %.*s", (int)len, line);
		int err = journal_line(engine, line, len, at == from);

		if (err != OK)
			check_fail(__FILE__, __LINE__, "error %d from %.*s", err, (int)len, line);
	}
	return engine;
}
