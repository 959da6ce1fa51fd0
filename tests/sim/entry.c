/* See entry.h. One pass over the members of an object; what is inside of one is skipped. */
#include "entry.h"

#include <stdlib.h>
#include <string.h>

#include "people.h"

static int digits(const char *text, int count)
{
	int number = 0;

	while (count-- > 0)
		number = number * 10 + *text++ - '0';
	return number;
}

/* Milliseconds since 1970 of "2026-01-28T20:15:12.123Z". */
static int64_t moment(const char *text)
{
	int y = digits(text, 4), mo = digits(text + 5, 2), d = digits(text + 8, 2);

	y -= mo <= 2;
	int64_t era = y / 400, yoe = y - era * 400;
	int64_t doy = (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;

	return (((days * 24 + digits(text + 11, 2)) * 60 + digits(text + 14, 2)) * 60 +
		       digits(text + 17, 2)) *
		1000 +
		digits(text + 20, 3);
}

/* The end of the value that begins at `at`. */
static const char *value_end(const char *at, const char *end)
{
	int depth = 0;

	for (bool text = false; at < end; at++) {
		if (*at == '"')
			text = !text;
		else if (!text && (*at == '[' || *at == '{'))
			depth++;
		else if (!text && (*at == ']' || *at == '}') && depth-- == 0)
			return at;
		else if (!text && *at == ',' && depth == 0)
			return at;
	}
	return at;
}

static void text_copy(char *to, size_t room, const char *at, const char *end)
{
	size_t len = (size_t)(end - at);

	if (len >= 2 && *at == '"')
		at++, len -= 2;
	if (len >= room)
		len = room - 1;
	memcpy(to, at, len);
	to[len] = '\0';
}

static void names_read(struct wish *wish, const char *at, const char *end)
{
	wish->n_names = 0;
	while (at < end && wish->n_names < NAMES) {
		const char *quote = memchr(at, '"', (size_t)(end - at));
		const char *close =
			quote ? memchr(quote + 1, '"', (size_t)(end - quote - 1)) : NULL;

		if (!close)
			return;
		text_copy(wish->names[wish->n_names++], 16, quote, close + 1);
		at = close + 1;
	}
}

/* The tokens of a checkpoint's holds, those excepted that are lost and only open still. */
static void tokens_read(struct entry *entry, const char *at, const char *end)
{
	while (entry->n_tokens < 64 && (at = memchr(at, '{', (size_t)(end - at)))) {
		const char *close = memchr(at, '}', (size_t)(end - at));
		const char *token =
			close ? memmem(at, (size_t)(close - at), "\"token\":", 8) : NULL;

		if (!token)
			return;
		if (!memmem(at, (size_t)(close - at), "\"lost\":", 7))
			entry->tokens[entry->n_tokens++] = strtoull(token + 8, NULL, 10);
		at = close;
	}
}

static bool is(const char *key, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(key, word, len) == 0;
}

static void number_read(struct entry *entry, const char *key, size_t len, const char *at)
{
	uint64_t number = strtoull(at, NULL, 10);

	if (is(key, len, "seq"))
		entry->seq = number;
	else if (is(key, len, "token"))
		entry->token = number;
	else if (is(key, len, "ttl_ms"))
		entry->ttl_ms = number;
	else if (is(key, len, "at_ns"))
		entry->at_ns = number;
	else if (is(key, len, "until_ns"))
		entry->until_ns = number;
	else if (is(key, len, "count"))
		entry->count = number;
	else if (is(key, len, "pid"))
		entry->pid = (int32_t)number;
	else if (is(key, len, "by_pid"))
		entry->by_pid = (int32_t)number;
	else if (is(key, len, "uid"))
		entry->uid = (uint32_t)number;
	else if (is(key, len, "slots"))
		entry->wish.slots = (unsigned)number;
}

static void member_read(
	struct entry *entry, const char *key, size_t len, const char *at, const char *end)
{
	if (*at >= '0' && *at <= '9')
		number_read(entry, key, len, at);
	else if (is(key, len, "event"))
		text_copy(entry->event, sizeof(entry->event), at, end);
	else if (is(key, len, "reason"))
		text_copy(entry->reason, sizeof(entry->reason), at, end);
	else if (is(key, len, "owner"))
		text_copy(entry->wish.owner, sizeof(entry->wish.owner), at, end);
	else if (is(key, len, "name") || is(key, len, "names"))
		names_read(&entry->wish, at, end);
	else if (is(key, len, "prev"))
		text_copy(entry->prev, sizeof(entry->prev), at, end);
	else if (is(key, len, "h"))
		text_copy(entry->h, sizeof(entry->h), at, end);
	else if (is(key, len, "mode"))
		entry->wish.shared = at[1] == 's';
	else if (is(key, len, "kind"))
		entry->lease = at[1] == 'l';
	else if (is(key, len, "bind"))
		entry->wish.bind = at[1] == 'p';
	else if (is(key, len, "ts"))
		entry->wall_ms = moment(at + 1);
	else if (is(key, len, "holds"))
		tokens_read(entry, at, end);
}

bool entry_read(const char *line, size_t len, struct entry *entry)
{
	const char *at = line + 1, *end = line + len;

	*entry = (struct entry){.ttl_ms = NONE, .until_ns = NONE, .wish.slots = 1};
	if (len < 2 || *line != '{' || line[len - 1] != '}')
		return false;
	while (at < end && *at == '"') {
		const char *key = at + 1, *close = memchr(key, '"', (size_t)(end - key));

		if (!close || close + 1 >= end || close[1] != ':')
			return false;
		at = value_end(close + 2, end);
		member_read(entry, key, (size_t)(close - key), close + 2, at);
		if (at < end)
			at++;
	}
	return entry->seq > 0 && entry->event[0] && entry->h[0];
}
