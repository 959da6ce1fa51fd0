/* Text that grows, and JSON written into it. A failed allocation is remembered, not returned. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *data; /* owned; not terminated */
	size_t len, room;
	bool failed; /* an allocation failed: what is here is not all of it */
};

void text_finish(struct text *text);

/* Makes room for `more` bytes. False when there is no memory for them. */
bool text_reserve(struct text *text, size_t more);

/* Appends bytes, a string, a formatted string of at most 255 bytes, a number. */
static inline void text_add(struct text *text, const char *data, size_t len)
{
	if (text->room - text->len < len && !text_reserve(text, len))
		return;
	memcpy(text->data + text->len, data, len);
	text->len += len;
}
static inline void text_put(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_u64(struct text *text, uint64_t number);

/* Appends `string` in quotes, escaped so that no byte of it can end the string, the line or reach
 * a terminal: JSON's escapes, \u00XX for control bytes and for bytes that are not ASCII. */
void text_string(struct text *text, const char *string);

/* A moment as RFC 3339 in UTC with milliseconds, in quotes. `wall_ms` is since 1970. */
void text_time(struct text *text, int64_t wall_ms);

/* `"key":value` with a comma before it unless it is the first of its object. */
void text_key(struct text *text, const char *key);
void text_key_string(struct text *text, const char *key, const char *value);
void text_key_u64(struct text *text, const char *key, uint64_t value);
void text_key_time(struct text *text, const char *key, int64_t wall_ms);

#endif
