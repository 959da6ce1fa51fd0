/* Lines of the log: what is read and written again is read as the same, and the chain admits a line
 * at its own place and nowhere else. */
#include <string.h>

#include "core/chain.h"
#include "core/err.h"
#include "core/record.h"
#include "fuzz.h"

/* Reads a line whole. OK or ERR_CORRUPT; a kind of RECORD_KINDS: it is none that says what happened. */
static int line_read(const char *line, size_t len, struct record *record)
{
	struct scan scan = {.at = line, .end = line + len};
	int err;

	record_init(record, RECORD_KINDS, 0);
	err = record_read(&scan, record, NULL, NULL);
	CHECK(scan.at >= line && scan.at <= scan.end);
	return err == OK && scan.at != scan.end ? ERR_CORRUPT : err;
}

static bool same(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* A record is written, read and written: the second time as the first. What is no name at all the
 * engine refuses, and it is never written again. */
static void record_check(const struct record *record)
{
	struct text once = {0}, twice = {0};
	struct record read;

	if (record->names[0] && !names_ok(record->names))
		return;
	text_put(&once, "{\"seq\":1");
	record_write(record, "box", &once);
	text_put(&once, "}");
	CHECK(!memchr(once.data, '\n', once.len) && !memchr(once.data, '\0', once.len));
	CHECK(line_read(once.data, once.len, &read) == OK && read.kind == record->kind);
	text_put(&twice, "{\"seq\":1");
	record_write(&read, "box", &twice);
	text_put(&twice, "}");
	CHECK(same(&once, &twice));
	text_finish(&once);
	text_finish(&twice);
}

/* The same for an object of a checkpoint. */
static int part_check(void *context, const struct record *part)
{
	struct text once = {0}, twice = {0};
	struct record read;
	struct scan scan;

	(void)context;
	if (!names_ok(part->names))
		return OK;
	record_write_part(part, &once);
	scan = (struct scan){.at = once.data, .end = once.data + once.len};
	record_init(&read, part->kind, 0);
	CHECK(record_read(&scan, &read, NULL, NULL) == OK && scan.at == scan.end);
	record_write_part(&read, &twice);
	CHECK(same(&once, &twice));
	text_finish(&once);
	text_finish(&twice);
	return OK;
}

/* Whatever follows `{"seq":N` in a line, the chain seals it, admits it next, and no other. */
static void seal_check(const char *body, size_t len)
{
	struct chain chain, reader, other;
	struct text text = {0};
	size_t line;

	chain_init(&chain);
	chain_begin(&chain, &text);
	text_put(&text, ",\"ts\":0");
	chain_seal(&chain, &text, 0);
	line = text.len;
	chain_begin(&chain, &text);
	text_put(&text, ",");
	text_add(&text, body, len);
	chain_seal(&chain, &text, line);
	chain_init(&reader);
	CHECK(chain_check(&reader, text.data + line, text.len - line - 1) == ERR_CORRUPT);
	CHECK(chain_check(&reader, text.data, line - 1) == OK);
	CHECK(chain_check(&reader, text.data, line - 1) == ERR_CORRUPT);
	CHECK(chain_check(&reader, text.data + line, text.len - line - 1) == OK);
	CHECK(reader.head.seq == chain.head.seq && strcmp(reader.head.h, chain.head.h) == 0);
	chain_init(&other);
	text.data[line + len % (text.len - line - 1)] ^= 1;
	CHECK(chain_check(&other, text.data, line - 1) == OK);
	CHECK(chain_check(&other, text.data + line, text.len - line - 1) == ERR_CORRUPT);
	text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;
	struct scan scan = {.at = line, .end = line + size};
	struct record record;
	struct chain chain;

	if (line_read(line, size, &record) == OK && record.kind < RECORD_KINDS)
		record_check(&record);
	record_init(&record, RECORD_KINDS, 0);
	record_read(&scan, &record, part_check, NULL);
	chain_init(&chain);
	if (chain_adopt(&chain, line, size) == OK) {
		const struct chain_head before = chain.head;

		if (chain_check(&chain, line, size) != OK)
			CHECK(before.seq == chain.head.seq && strcmp(before.h, chain.head.h) == 0);
	}
	seal_check(line, size);
	return 0;
}
