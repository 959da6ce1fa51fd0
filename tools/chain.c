/* See chain.h. */
#include "chain.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define HEX 64
#define LAST (6 + HEX + 2) /* ,"h":"…"} */
#define PREV ",\"prev\":\""

/* The hex SHA-256 of `prev`, then `body`, then a closing brace. */
static bool chain_hash(char out[CHAIN_HASH], const char *prev, const char *body, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char digest[EVP_MAX_MD_SIZE];
	bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
		EVP_DigestUpdate(context, prev, strlen(prev)) &&
		EVP_DigestUpdate(context, body, len) && EVP_DigestUpdate(context, "}", 1) &&
		EVP_DigestFinal_ex(context, digest, NULL);

	EVP_MD_CTX_free(context);
	for (int i = 0; done && i < HEX / 2; i++)
		snprintf(out + (size_t)i * 2, 3, "%02x", digest[i]);
	return done;
}

size_t chain_seal(char *line, size_t room, const char *prev, char h[CHAIN_HASH])
{
	size_t len = strlen(line);
	int more = snprintf(line + len, room - len, PREV "%s\"", prev);

	if (more < 0 || len + (size_t)more + LAST + 2 > room)
		return 0;
	len += (size_t)more;
	if (!chain_hash(h, prev, line, len))
		return 0;
	return len + (size_t)snprintf(line + len, room - len, ",\"h\":\"%s\"}\n", h);
}

/* Copies a quoted value of at most 64 bytes that begins at `from`; "" if it is longer. */
static void value_copy(char out[CHAIN_HASH], const char *from, const char *end)
{
	const char *quote = memchr(from, '"', (size_t)(end - from));
	size_t len = quote ? (size_t)(quote - from) : 0;

	if (len > HEX)
		len = 0;
	memcpy(out, from, len);
	out[len] = '\0';
}

bool chain_check(const char *line, size_t len, char prev[CHAIN_HASH], char h[CHAIN_HASH])
{
	char want[CHAIN_HASH];
	const char *at;

	*prev = *h = '\0';
	if (len < LAST || memcmp(line + len - LAST, ",\"h\":\"", 6) != 0 ||
		memcmp(line + len - 2, "\"}", 2) != 0)
		return false;
	value_copy(h, line + len - LAST + 6, line + len);
	at = memmem(line, len, PREV, strlen(PREV));
	if (!at)
		return false;
	value_copy(prev, at + strlen(PREV), line + len);
	return chain_hash(want, prev, line, len - LAST) && strcmp(want, h) == 0;
}
