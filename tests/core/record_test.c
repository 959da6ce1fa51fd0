/* Records as lines: written and read again, and read from lines that nobody of ours wrote. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/engine.h"
#include "core/record.h"

/* Reads a line from a copy that ends where it ends. */
static int read_line(const char *line, size_t len, struct record *record)
{
	char *copy = malloc(len ? len : 1);
	struct scan scan = {.at = copy, .end = copy + len};
	int err;

	CHECK(copy);
	memcpy(copy, line, len);
	*record = record_new(RECORD_KINDS, 0);
	err = record_read(&scan, record, NULL, NULL);
	if (err == OK && scan.at != scan.end)
		err = ERR_CORRUPT;
	free(copy);
	return err;
}

/* A record of this kind that has every member. */
static struct record full(enum record_kind kind)
{
	struct record r = record_new(kind, 1769631312123);

	strcpy(r.names, "deploy.2_x-y");
	strcpy(r.owner, "\x01\t\"\\/\x7f\x80\xc3\xa9\xff:ada");
	strcpy(r.boot, "0f3c6d5e-0000-4000-8000-000000000000");
	strcpy(r.detail, "set aside: {\"a\":[1,\"]}\"]}");
	r.token = UINT64_MAX;
	r.uid = UINT32_MAX;
	r.pid = 4123;
	r.waited_ms = 1;
	r.held_ms = 18446744073709551614ULL;
	r.mode = MODE_SHARED;
	r.hold = HOLD_LEASE;
	r.bind = BIND_PID;
	r.slots = UINT32_MAX;
	r.ttl_ms = 2592000000;
	r.at_ns = 123456789012345;
	r.start_ns = 5;
	r.until_ns = 6;
	r.renewals = 7;
	r.reason = REASON_KILLED;
	r.signal = 9;
	r.count = 8;
	r.by_uid = 10;
	r.by_pid = 11;
	r.until_ns = 12;
	r.until_wall_ms = 1769631312999;
	r.next_token = 13;
	r.token_limit = 14;
	return r;
}

/* The line of a record as the chain would begin it, whole. */
static struct text line_of(const struct record *record)
{
	struct text text = {0};

	text_put(&text, "{\"seq\":1");
	record_write(record, "box", &text);
	text_put(&text, "}");
	CHECK(!text.failed);
	return text;
}

static void a_line_is_read_as_it_was_written(void)
{
	for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++) {
		const struct record whole = full(kind), bare = record_new(kind, 0);
		struct record group = whole;
		const struct record *records[] = {&whole, &bare, &group};

		strcpy(group.names, "a+b.c+deploy");
		for (int i = 0; i < 3; i++) {
			struct text line = line_of(records[i]), again;
			struct record read;

			CHECK(!memchr(line.data, '\n', line.len));
			CHECK(read_line(line.data, line.len, &read) == OK);
			CHECK_EQUAL(read.kind, kind);
			CHECK_STRING(read.names, records[i]->names);
			again = line_of(&read);
			text_add(&line, "", 1);
			text_add(&again, "", 1);
			CHECK_STRING(again.data, line.data);
			text_finish(&line);
			text_finish(&again);
		}
	}
}

static void the_contracts_line(void)
{
	struct record r = record_new(RECORD_ACQUIRE, 1769631312123);
	struct text line;

	strcpy(r.names, "mosaic");
	strcpy(r.owner, "ada\x1b[31m\"");
	r.token = 91;
	r.uid = 1000;
	r.pid = 4123;
	r.waited_ms = 12;
	r.ttl_ms = 2000;
	r.at_ns = 5000000;
	r.start_ns = 1234;
	line = line_of(&r);
	text_add(&line, "", 1);
	CHECK_STRING(line.data,
		"{\"seq\":1,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"acquire\",\"name\":"
		"\"mosaic\",\"token\":91,\"owner\":\"ada\\u001b[31m\\\"\",\"uid\":1000,\"host\":"
		"\"box\",\"pid\":4123,\"waited_ms\":12,\"mode\":\"exclusive\",\"kind\":\"open\","
		"\"ttl_ms\":2000,\"at_ns\":5000000,\"pid_start_ns\":1234}");
	text_finish(&line);
}

/* No byte of a string can end the line, reach a terminal, or be lost. */
static void every_byte_of_a_string(void)
{
	for (int c = 1; c < 256; c++) {
		const char string[] = {'<', (char)c, '>', '\0'};
		bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
		struct text text = {0};
		char expected[16], read[8];

		if (c == '"' || c == '\\')
			snprintf(expected, sizeof(expected), "\"<\\%c>\"", c);
		else
			snprintf(expected, sizeof(expected), plain ? "\"<%c>\"" : "\"<\\u%04x>\"",
				c);
		text_string(&text, string);
		struct scan scan = {.at = text.data, .end = text.data + text.len};

		scan_string(&scan, read, sizeof(read));
		CHECK_STRING(read, string);
		CHECK(!scan.bad && scan.at == scan.end);
		text_add(&text, "", 1);
		CHECK_STRING(text.data, expected);
		text_finish(&text);
	}
}

static void a_cut_line_is_no_line(void)
{
	const struct record whole = full(RECORD_ACQUIRE);
	struct text line = line_of(&whole);
	struct record read;

	for (size_t len = 0; len < line.len; len++)
		CHECK(read_line(line.data, len, &read) == ERR_CORRUPT);
	text_finish(&line);
}

/* Puts every byte of `bytes` in the place of every byte of the line. */
static void change_line(struct text *line, const char *bytes, size_t count)
{
	for (size_t i = 0; i < line->len; i++) {
		const char was = line->data[i];

		for (size_t j = 0; j < count; j++) {
			struct record read;

			line->data[i] = bytes[j];
			if (read_line(line->data, line->len, &read) != OK ||
				read.kind >= RECORD_KINDS)
				continue;
			struct text again = line_of(&read);

			text_finish(&again);
		}
		line->data[i] = was;
	}
}

/* Whatever is read can be written: no crash, whichever byte is wrong. */
static void a_changed_line_harms_nobody(void)
{
	static const char bytes[] = "\0\1\n \"\\{}[],:+-./0189AZaezu\x7f\x80\xc3\xff";

	for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++) {
		const struct record whole = full(kind);
		struct text line = line_of(&whole);

		change_line(&line, bytes, sizeof(bytes) - 1);
		text_finish(&line);
	}
}

static const char *const damaged[] = {"", " ", "{", "}", "[", "]", "[]", "{]", "[}", "null", "true",
	"0", "\"\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" :1}", "{ \"a\":1}",
	"{\"a\":1 }", "{a:1}", "{'a':1}", "{\"a\":1}{", "{\"a\":1}\n", "{\"a\":1,\"b\"}",
	"{\"a\":01x}", "{\"a\":-1}", "{\"a\":1.5}", "{\"a\":1e3}", "{\"a\":null}", "{\"a\":true}",
	"{\"a\":nul}", "{\"a\":\"x}", "{\"a\":\"x\\", "{\"a\":\"x\\\"}", "{\"a\":[1,2}",
	"{\"a\":[1,2]", "{\"a\":{\"b\":1}", "{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}",
	"{\"a\":18446744073709551616}", "{\"token\":18446744073709551616}", "{\"token\":\"1\"}",
	"{\"token\":}", "{\"token\":-1}", "{\"token\":1.0}", "{\"uid\":4294967296}",
	"{\"pid\":99999999999}", "{\"names\":\"a\"}", "{\"names\":1}", "{\"names\":[1]}",
	"{\"names\":[\"a\"}", "{\"names\":[\"a\",]}", "{\"names\":[\"a\" \"b\"]}",
	"{\"names\":[[\"a\"]]}", "{\"names\":[\"a\"", "{\"bind\":\"both\"}", "{\"bind\":1}",
	"{\"slots\":4294967296}", "{\"slots\":\"2\"}", "{\"name\":1}", "{\"name\":\"a\nb\"}",
	"{\"name\":\"\\n\"}", "{\"name\":\"\\u0000\"}", "{\"name\":\"\\u0100\"}",
	"{\"name\":\"\\u00e\"}", "{\"name\":\"\\u00\"}", "{\"name\":\"\\u\"}",
	"{\"name\":\"\\u00E9\"}", "{\"name\":\"\\u00gg\"}", "{\"name\":\"\\", "{\"name\":\"\\u00",
	"{\"name\":{}}", "{\"event\":\"\"}", "{\"event\":\"acquired\"}", "{\"event\":\"Acquire\"}",
	"{\"event\":1}",
	"{\"event\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
	"{\"mode\":\"both\"}", "{\"kind\":\"lease2\"}", "{\"reason\":\"because\"}", "{\"ts\":1}",
	"{\"ts\":\"\"}", "{\"ts\":\"2026-01-28\"}", "{\"ts\":\"2026-01-28T20:15:12Z\"}",
	"{\"ts\":\"2026-01-28T20:15:12.123\"}", "{\"ts\":\"2026-01-28 20:15:12.123Z\"}",
	"{\"ts\":\"2026-01-28T20:15:12.123z\"}", "{\"ts\":\"202a-01-28T20:15:12.123Z\"}",
	"{\"ts\":\"2026-01-28T20:15:12.1234Z\"}", "{\"ts\":\"-026-01-28T20:15:12.123Z\"}",
	"{\"ts\":\"2026-01-28T20:15:12.12 Z\"}", "{\"ts\":\"2026/01/28T20:15:12.123Z\"}",
	"{\"ts\":\"1969-12-31T23:59:59.999Z\"}", "{\"ts\":\"2026-00-28T20:15:12.123Z\"}",
	"{\"ts\":\"2026-13-28T20:15:12.123Z\"}", "{\"ts\":\"2026-01-00T20:15:12.123Z\"}",
	"{\"ts\":\"2026-01-32T20:15:12.123Z\"}", "{\"ts\":\"2026-01-28T24:15:12.123Z\"}",
	"{\"ts\":\"2026-01-28T20:60:12.123Z\"}", "{\"ts\":\"2026-01-28T20:15:61.123Z\"}"};

static void damaged_lines_are_refused(void)
{
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct record read;

		if (read_line(damaged[i], strlen(damaged[i]), &read) != ERR_CORRUPT)
			check_fail(__FILE__, __LINE__, "%s is read", damaged[i]);
	}
}

/* The longest string that each member has room for, and one byte more. */
static void strings_have_an_end(void)
{
	static const struct {
		const char *key;
		size_t most;
	} table[] = {{"name", SPEC_MAX}, {"owner", OWNER_MAX}, {"boot", DETAIL_MAX},
		{"detail", DETAIL_MAX}, {"a key of 31 bytes: the last one", 400}};
	struct record read;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (size_t len = table[i].most - 1; len <= table[i].most + 1; len++) {
			char value[512] = "", line[1024];

			memset(value, 'x', len);
			int n = snprintf(
				line, sizeof(line), "{\"%s\":\"%s\"}", table[i].key, value);
			int expected = len > table[i].most && i < 4 ? ERR_CORRUPT : OK;

			CHECK(read_line(line, (size_t)n, &read) == expected);
		}
	CHECK(read_line("{\"a key of 32 bytes: one too many\":1}", 36, &read) == ERR_CORRUPT);
}

/* As many names as a spec has room for, with what joins them; and one byte more. */
static void groups_have_an_end(void)
{
	struct record read;
	char first[SPEC_MAX + 2], line[2 * SPEC_MAX];

	for (size_t len = 1; len <= SPEC_MAX + 1; len++) {
		memset(first, 'x', len);
		first[len] = '\0';
		int n = snprintf(line, sizeof(line), "{\"names\":[\"%s\",\"yy\"]}", first);
		int expected = len + 3 > SPEC_MAX ? ERR_CORRUPT : OK;

		CHECK(read_line(line, (size_t)n, &read) == expected);
		CHECK(expected != OK || (strlen(read.names) == len + 3 && read.names[len] == '+'));
	}
}

static void unknown_members_are_skipped(void)
{
	static const char line[] =
		"{\"seq\":1,\"future\":{\"a\":[1,{\"b\":\"]}\\\"\"},[]],\"c\":{}},\"token\":7,"
		"\"holds\":[{\"token\":9}],\"x\":\"\\\\\",\"event\":\"renew\"}";
	struct record read;

	CHECK(read_line(line, sizeof(line) - 1, &read) == OK);
	CHECK(read.kind == RECORD_RENEW && read.token == 7);
}

static void times_go_there_and_back(void)
{
	static const int64_t times[] = {0, 1, 999, 1000, 951782399999, 951782400000, 951868800000,
		1709164800000, 1709251200000, 4107542399999, 4107542400000, 253402300799999,
		13574563200000, 1769631312123};
	uint64_t seed = 3;

	for (int i = 0; i < 100000; i++) {
		int64_t ms = i < 14 ? times[i] : (int64_t)(check_random(&seed) % 253402300800000);
		struct text text = {0};

		text_time(&text, ms);
		struct scan scan = {.at = text.data, .end = text.data + text.len};

		CHECK_EQUAL(scan_time(&scan), ms);
		CHECK(!scan.bad && scan.at == scan.end);
		text_finish(&text);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a line is read as it was written", a_line_is_read_as_it_was_written},
		{"the contract's line", the_contracts_line},
		{"every byte of a string", every_byte_of_a_string},
		{"a line that was cut is no line", a_cut_line_is_no_line},
		{"a line with any byte changed harms nobody", a_changed_line_harms_nobody},
		{"damaged lines are refused", damaged_lines_are_refused},
		{"strings have an end", strings_have_an_end},
		{"groups have an end", groups_have_an_end},
		{"unknown members are skipped", unknown_members_are_skipped},
		{"times go there and back", times_go_there_and_back},
	};

	return CHECK_RUN(cases);
}
