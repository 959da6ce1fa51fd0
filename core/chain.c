/* See chain.h. `h` is the SHA-256 of `prev` followed by the line without its last member.
 *
 * libcrypto calls these functions deprecated and offers EVP, which allocates for each line: a third
 * of the line's cost. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "chain.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "scan.h"

#define GENESIS "GENESIS"
#define TAIL_LEN (sizeof(",\"h\":\"\"}") - 1 + CHAIN_HEX)

void chain_init(struct chain *chain)
{
	*chain = (struct chain){.head.h = GENESIS};
}

/* A hexadecimal digit. Not from a table, so that many are made at once. */
static char digit(int value)
{
	return (char)(value + (value < 10 ? '0' : 'a' - 10));
}

/* The hash of `prev`, `body` and a closing brace, as hexadecimal digits. */
static void hash(const struct chain *chain, const char *body, size_t len, char h[CHAIN_HEX + 1])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX sha256;

	SHA256_Init(&sha256);
	SHA256_Update(&sha256, chain->head.h, strlen(chain->head.h));
	SHA256_Update(&sha256, body, len);
	SHA256_Update(&sha256, "}", 1);
	SHA256_Final(digest, &sha256);
	for (size_t i = 0; i < sizeof(digest); i++) {
		h[2 * i] = digit(digest[i] >> 4);
		h[2 * i + 1] = digit(digest[i] & 15);
	}
	h[CHAIN_HEX] = '\0';
}

void chain_begin(const struct chain *chain, struct text *text)
{
	text_put(text, "{\"seq\":");
	text_u64(text, chain->head.seq + 1);
}

void chain_seal(struct chain *chain, struct text *text, size_t start)
{
	char h[CHAIN_HEX + 1];

	text_put(text, ",\"prev\":\"");
	text_put(text, chain->head.h);
	text_put(text, "\"");
	if (text->failed)
		return;
	hash(chain, text->data + start, text->len - start, h);
	text_put(text, ",\"h\":\"");
	text_add(text, h, CHAIN_HEX);
	text_put(text, "\"}\n");
	memcpy(chain->head.h, h, sizeof(h));
	chain->head.seq++;
}

int chain_check(struct chain *chain, const char *line, size_t len)
{
	char h[CHAIN_HEX + 1], start[32], prev[CHAIN_HEX + 16];
	size_t start_len = (size_t)snprintf(
		start, sizeof(start), "{\"seq\":%" PRIu64 ",", chain->head.seq + 1);
	size_t prev_len = (size_t)snprintf(prev, sizeof(prev), ",\"prev\":\"%s\"", chain->head.h);

	if (len < start_len + prev_len + TAIL_LEN || memcmp(line, start, start_len) != 0)
		return ERR_CORRUPT;

	size_t body = len - TAIL_LEN;

	hash(chain, line, body, h);
	if (memcmp(line + body - prev_len, prev, prev_len) != 0 ||
		memcmp(line + body, ",\"h\":\"", 6) != 0 || memcmp(line + len - 2, "\"}", 2) != 0 ||
		memcmp(line + body + 6, h, CHAIN_HEX) != 0)
		return ERR_CORRUPT;
	memcpy(chain->head.h, h, sizeof(h));
	chain->head.seq++;
	return OK;
}

int chain_adopt(struct chain *chain, const char *line, size_t len)
{
	struct scan scan = {.at = line, .end = line + len};
	const char *quote = len > TAIL_LEN ? line + len - TAIL_LEN - 1 : NULL; /* behind `prev` */
	const char *prev = quote ? memrchr(line, '"', (size_t)(quote - line)) : NULL;
	size_t prev_len = prev ? (size_t)(quote - ++prev) : 0;
	uint64_t seq;

	for (const char *c = "{\"seq\":"; *c; c++)
		scan_expect(&scan, *c);
	seq = scan_u64(&scan);
	if (scan.bad || seq == 0 || prev_len == 0 || prev_len > CHAIN_HEX || *quote != '"')
		return ERR_CORRUPT;
	chain->head.seq = seq - 1;
	memcpy(chain->head.h, prev, prev_len);
	chain->head.h[prev_len] = '\0';
	return OK;
}
