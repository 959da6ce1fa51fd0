/* See chain.h. `h` is the SHA-256 of `prev` followed by the line without its last member. */
#include "chain.h"

#include <openssl/evp.h>
#include <string.h>

#include "err.h"
#include "scan.h"

#define GENESIS "GENESIS"
#define TAIL_LEN (sizeof(",\"h\":\"\"}") - 1 + CHAIN_HEX)

int chain_init(struct chain *chain)
{
	EVP_MD_CTX *hasher = EVP_MD_CTX_new();

	*chain = (struct chain){.head.h = GENESIS, .hasher = hasher};
	if (hasher && EVP_DigestInit_ex(hasher, EVP_sha256(), NULL) == 1)
		return OK;
	chain_finish(chain);
	return ERR_NO_MEMORY;
}

void chain_finish(struct chain *chain)
{
	EVP_MD_CTX_free(chain->hasher);
	*chain = (struct chain){0};
}

/* The hash of `prev`, `body` and a closing brace, as hexadecimal digits; false if libcrypto
 * could not, which it has no reason for. */
static bool hash(const struct chain *chain, const char *body, size_t len, char h[CHAIN_HEX + 1])
{
	unsigned char digest[CHAIN_HEX / 2];
	const char *prev = chain->head.h;

	if (EVP_DigestInit_ex(chain->hasher, NULL, NULL) != 1 ||
		EVP_DigestUpdate(chain->hasher, prev, strlen(prev)) != 1 ||
		EVP_DigestUpdate(chain->hasher, body, len) != 1 ||
		EVP_DigestUpdate(chain->hasher, "}", 1) != 1 ||
		EVP_DigestFinal_ex(chain->hasher, digest, NULL) != 1)
		return false;
	for (size_t i = 0; i < sizeof(digest); i++) {
		h[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		h[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	h[CHAIN_HEX] = '\0';
	return true;
}

void chain_begin(const struct chain *chain, struct text *text)
{
	text_put(text, "{\"seq\":");
	text_u64(text, chain->head.seq + 1);
}

void chain_seal(struct chain *chain, struct text *text, size_t start)
{
	char h[CHAIN_HEX + 1];

	text_key_string(text, "prev", chain->head.h);
	if (text->failed || !hash(chain, text->data + start, text->len - start, h)) {
		text->failed = true;
		return;
	}
	text_key_string(text, "h", h);
	text_put(text, "}\n");
	memcpy(chain->head.h, h, sizeof(h));
	chain->head.seq++;
}

int chain_check(struct chain *chain, const char *line, size_t len)
{
	char h[CHAIN_HEX + 1], expected[2 * CHAIN_HEX + 32];
	struct text start = {0};
	int err = ERR_CORRUPT;

	chain_begin(chain, &start);
	text_put(&start, ",");
	size_t prev_len = strlen(chain->head.h);

	memcpy(expected, ",\"prev\":\"", 9);
	memcpy(expected + 9, chain->head.h, prev_len);
	expected[9 + prev_len] = '"';
	prev_len += 10;
	if (start.failed || len < start.len + prev_len + TAIL_LEN ||
		memcmp(line, start.data, start.len) != 0)
		goto out;

	size_t body = len - TAIL_LEN;

	if (memcmp(line + body - prev_len, expected, prev_len) != 0 ||
		memcmp(line + body, ",\"h\":\"", 6) != 0 || memcmp(line + len - 2, "\"}", 2) != 0 ||
		!hash(chain, line, body, h) || memcmp(line + body + 6, h, CHAIN_HEX) != 0)
		goto out;
	memcpy(chain->head.h, h, sizeof(h));
	chain->head.seq++;
	err = OK;
out:
	text_finish(&start);
	return err;
}

int chain_adopt(struct chain *chain, const char *line, size_t len)
{
	struct scan scan = {.at = line, .end = line + len};
	char key[32], prev[CHAIN_HEX + 1] = "";
	uint64_t seq = 0;

	scan_expect(&scan, '{');
	while (scan_member(&scan, key, sizeof(key))) {
		if (strcmp(key, "seq") == 0)
			seq = scan_u64(&scan);
		else if (strcmp(key, "prev") == 0)
			scan_string(&scan, prev, sizeof(prev));
		else
			scan_skip(&scan);
	}
	if (scan.bad || seq == 0 || !prev[0])
		return ERR_CORRUPT;
	chain->head.seq = seq - 1;
	memcpy(chain->head.h, prev, sizeof(prev));
	return OK;
}
