/* The chain of the log: that it is the contract's, and that nothing can be changed unseen.
 *
 * "`h` is the hex SHA-256 of `prev` followed by the line's own bytes with its last member
 * `,"h":"…"` taken out; the first `prev` is `GENESIS`. So a changed, missing or reordered line shows," */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/chain.h"
#include "core/err.h"
#include "core/record.h"

/* Two lines by hand: `printf '%s' 'GENESIS{"seq":1,"event":"start","prev":"GENESIS"}' | sha256sum`
 * gives the first h; the second line's text after the first h gives the second. */
#define H1 "1d4893ad82cd3f48311b00e9ae7f9ca31d545e710ce4d6e95f10527309f45774"
#define H2 "2df10952be1f67a0ce361d7d934d17ea55db0dcbb9ebac6940fed8faaa7385a8"
#define LINE1 "{\"seq\":1,\"event\":\"start\",\"prev\":\"GENESIS\",\"h\":\"" H1 "\"}"
#define LINE2 "{\"seq\":2,\"event\":\"stop\",\"prev\":\"" H1 "\",\"h\":\"" H2 "\"}"

#define LINES 5

/* A log of a few lines. */
struct lines {
	struct text text;
	char *at[LINES];
	size_t len[LINES];
};

/* Begins a chain for a test. */
static struct chain chain_new(void)
{
	struct chain chain;

	chain_init(&chain);
	return chain;
}

static int check(struct chain *chain, const char *line)
{
	return chain_check(chain, line, strlen(line));
}

static void lines_make(struct lines *lines)
{
	struct chain chain = chain_new();
	size_t starts[LINES];

	*lines = (struct lines){0};
	for (size_t i = 0; i < LINES; i++) {
		starts[i] = lines->text.len;
		chain_begin(&chain, &lines->text);
		text_key_u64(&lines->text, "n", i * 1000);
		text_key_string(&lines->text, "detail", "\",\"h\":\"0\"}");
		chain_seal(&chain, &lines->text, starts[i]);
		lines->len[i] = lines->text.len - starts[i] - 1;
	}
	for (size_t i = 0; i < LINES; i++)
		lines->at[i] = lines->text.data + starts[i];
	CHECK(!lines->text.failed && chain.head.seq == LINES);
}

static void lines_by_hand(void)
{
	struct chain chain = chain_new();
	struct text text = {0};

	CHECK(check(&chain, LINE1) == OK);
	CHECK(check(&chain, LINE2) == OK);
	CHECK_EQUAL(chain.head.seq, 2);
	CHECK_STRING(chain.head.h, H2);

	chain = chain_new();
	chain_begin(&chain, &text);
	text_key_string(&text, "event", "start");
	chain_seal(&chain, &text, 0);
	size_t second = text.len;

	chain_begin(&chain, &text);
	text_key_string(&text, "event", "stop");
	chain_seal(&chain, &text, second);
	text_add(&text, "", 1);
	CHECK_STRING(text.data, LINE1 "\n" LINE2 "\n");
	text_finish(&text);
}

/* A record's line, hashed here by the contract's words alone. */
static void any_language_can_check_it(void)
{
	struct record record = record_new(RECORD_ACQUIRE, 1769631312123);
	struct chain chain = chain_new();
	unsigned char digest[32];
	char hex[65];
	struct text text = {0};

	strcpy(record.names, "deploy");
	strcpy(record.owner, "weird \"owner\"\\,\"h\":\"");
	chain_begin(&chain, &text);
	record_write(&record, "box", &text);
	chain_seal(&chain, &text, 0);
	text_add(&text, "", 1);

	char *tail = memmem(text.data + text.len - 80, 80, ",\"h\":\"", 6), *input;

	CHECK(tail && asprintf(&input, "GENESIS%.*s}", (int)(tail - text.data), text.data) > 0);
	CHECK(EVP_Digest(input, strlen(input), digest, NULL, EVP_sha256(), NULL) == 1);
	for (int i = 0; i < 32; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	CHECK(strncmp(tail + 6, hex, 64) == 0 && strcmp(tail + 70, "\"}\n") == 0);
	CHECK_STRING(chain.head.h, hex);
	free(input);
	text_finish(&text);
}

static void every_changed_byte_shows(void)
{
	struct lines lines;

	lines_make(&lines);
	for (size_t i = 0; i < lines.len[1]; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct chain chain = chain_new();

			CHECK(chain_check(&chain, lines.at[0], lines.len[0]) == OK);
			lines.at[1][i] ^= (char)(1 << bit);
			CHECK(chain_check(&chain, lines.at[1], lines.len[1]) == ERR_CORRUPT);
			CHECK_EQUAL(chain.head.seq, 1);
			lines.at[1][i] ^= (char)(1 << bit);
			CHECK(chain_check(&chain, lines.at[1], lines.len[1]) == OK);
		}
	text_finish(&lines.text);
}

/* A line that is cut off, from a copy that ends there; and one with bytes after it. */
static void every_cut_shows(void)
{
	struct chain chain = chain_new();
	struct lines lines;

	lines_make(&lines);
	for (size_t len = 0; len < lines.len[0]; len++) {
		char *copy = malloc(len ? len : 1);

		CHECK(copy);
		memcpy(copy, lines.at[0], len);
		CHECK(chain_check(&chain, copy, len) == ERR_CORRUPT);
		chain_adopt(&chain, copy, len);
		free(copy);
	}
	CHECK(chain_adopt(&chain, lines.at[0], lines.len[0]) == OK);
	CHECK(chain_check(&chain, lines.at[0], lines.len[0] + 1) == ERR_CORRUPT);
	CHECK(chain_check(&chain, lines.at[0], lines.len[0]) == OK);
	text_finish(&lines.text);
}

static void order_counts(void)
{
	struct chain chain = chain_new();
	struct lines lines;

	lines_make(&lines);
	for (size_t i = 0; i < LINES; i++) {
		for (size_t j = 0; j < LINES; j++) {
			const struct chain_head before = chain.head;

			if (j == i)
				continue;
			CHECK(chain_check(&chain, lines.at[j], lines.len[j]) == ERR_CORRUPT);
			CHECK(memcmp(&before, &chain.head, sizeof(before)) == 0);
		}
		CHECK(chain_check(&chain, lines.at[i], lines.len[i]) == OK);
	}
	text_finish(&lines.text);
}

/* The oldest line that is kept: what stands before it is known by its own word. */
static void a_later_line_can_be_the_first(void)
{
	struct lines lines;

	lines_make(&lines);
	for (size_t first = 0; first < LINES; first++) {
		struct chain chain = chain_new();

		CHECK(chain_adopt(&chain, lines.at[first], lines.len[first]) == OK);
		CHECK_EQUAL(chain.head.seq, first);
		for (size_t i = first; i < LINES; i++)
			CHECK(chain_check(&chain, lines.at[i], lines.len[i]) == OK);
	}
	text_finish(&lines.text);
}

#define HEX64 "0000000000000000000000000000000000000000000000000000000000000000"
#define TAIL ",\"h\":\"" HEX64 "\"}"

static void what_cannot_be_adopted(void)
{
	static const char *const table[] = {"", "{", "{}", "[]", "null", "{\"seq\":1}",
		"{\"prev\":\"GENESIS\"}", "{\"seq\":0,\"prev\":\"GENESIS\"}",
		"{\"seq\":1,\"prev\":\"\"}", "{\"seq\":-1,\"prev\":\"x\"}",
		"{\"seq\":18446744073709551616,\"prev\":\"x\"}", "{\"seq\":1,\"prev\":1}",
		"{\"seq\":\"1\",\"prev\":\"x\"}", "{\"seq\":1 ,\"prev\":\"x\"}",
		"{\"seq\":1,\"prev\":\"" H1 "0\"}", "{\"seq\":1,\"prev\":\"x\"",
		"{\"seq\":1,\"prev\":\"x\",}", "{\"seq\":1,\"prev\":\"\"" TAIL,
		"{\"seq\":0,\"prev\":\"GENESIS\"" TAIL, "{\"seq\":x,\"prev\":\"GENESIS\"" TAIL,
		"{\"sec\":1,\"prev\":\"GENESIS\"" TAIL, "{\"seq\":1,\"prev\":\"GENESIS" TAIL,
		"{\"seq\":1,\"prev\":\"0" HEX64 "\"" TAIL};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct chain chain = chain_new();

		if (chain_adopt(&chain, table[i], strlen(table[i])) != ERR_CORRUPT)
			check_fail(__FILE__, __LINE__, "%s", table[i]);
		CHECK_EQUAL(chain.head.seq, 0);
		CHECK_STRING(chain.head.h, "GENESIS");
	}
}

static void a_batch_can_be_taken_back(void)
{
	struct chain chain = chain_new();
	struct chain_head before;

	CHECK(check(&chain, LINE1) == OK);
	before = chain.head;
	CHECK(check(&chain, LINE2) == OK);
	CHECK(check(&chain, LINE2) == ERR_CORRUPT);
	chain.head = before;
	CHECK(check(&chain, LINE2) == OK);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"two lines made by hand", lines_by_hand},
		{"any language can check a line", any_language_can_check_it},
		{"every changed byte shows", every_changed_byte_shows},
		{"every cut shows", every_cut_shows},
		{"a line that is dropped, repeated or moved shows", order_counts},
		{"a later line can be the first that is kept", a_later_line_can_be_the_first},
		{"what cannot be adopted", what_cannot_be_adopted},
		{"a batch can be taken back", a_batch_can_be_taken_back},
	};

	return CHECK_RUN(cases);
}
