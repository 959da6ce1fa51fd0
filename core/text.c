/* See text.h. */
#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

bool text_reserve(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 512;
	char *data;

	if (text->failed)
		return false;
	if (text->room - text->len >= more)
		return true;
	while (room - text->len < more)
		room *= 2;
	data = realloc(text->data, room);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->room = room;
	return true;
}

void text_printf(struct text *text, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len > 0)
		text_add(text, line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
}

void text_u64(struct text *text, uint64_t number)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[20];
	size_t at = sizeof(digits);

	while (number >= 10) { /* two at a time: a line has a dozen numbers */
		at -= 2;
		memcpy(digits + at, pairs + number % 100 * 2, 2);
		number /= 100;
	}
	if (number > 0 || at == sizeof(digits))
		digits[--at] = (char)('0' + number);
	text_add(text, digits + at, sizeof(digits) - at);
}

/* Whether a byte stands for itself between quotes. */
static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void text_string(struct text *text, const char *string)
{
	text_add(text, "\"", 1);
	for (;;) {
		const char *end = string;

		while (is_plain((unsigned char)*end))
			end++;
		text_add(text, string, (size_t)(end - string));
		if (*end == '\0')
			break;
		if (*end == '"' || *end == '\\')
			text_add(text, (char[]){'\\', *end}, 2);
		else
			text_printf(text, "\\u%04x", (unsigned char)*end);
		string = end + 1;
	}
	text_add(text, "\"", 1);
}

/* Days since 1970 to a date of the Gregorian calendar (Howard Hinnant, days algorithms, 2013). */
static void date_of(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468, era = z / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int64_t)yoe + era * 400 + (*month <= 2);
}

/* Writes `value` as `width` digits at `at`; returns what follows them. */
static char *digits_put(char *at, unsigned value, int width)
{
	for (int i = width - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + width;
}

void text_time(struct text *text, int64_t wall_ms)
{
	char out[] = "\"0000-00-00T00:00:00.000Z\"", *at = out + 1;
	int64_t days = wall_ms / 86400000, year;
	unsigned month, day, ms;

	if (wall_ms < 0) /* before 1970 no lock was ever taken: a clock that is not set */
		days = wall_ms = 0;
	ms = (unsigned)(wall_ms % 86400000);
	date_of(days, &year, &month, &day);
	at = digits_put(at, (unsigned)(year % 10000), 4) + 1;
	at = digits_put(at, month, 2) + 1;
	at = digits_put(at, day, 2) + 1;
	at = digits_put(at, ms / 3600000, 2) + 1;
	at = digits_put(at, ms / 60000 % 60, 2) + 1;
	at = digits_put(at, ms / 1000 % 60, 2) + 1;
	digits_put(at, ms % 1000, 3);
	text_add(text, out, sizeof(out) - 1);
}

void text_key(struct text *text, const char *key)
{
	if (text->len && text->data[text->len - 1] != '{')
		text_add(text, ",", 1);
	text_add(text, "\"", 1);
	text_put(text, key);
	text_add(text, "\":", 2);
}

void text_key_string(struct text *text, const char *key, const char *value)
{
	text_key(text, key);
	text_string(text, value);
}

void text_key_u64(struct text *text, const char *key, uint64_t value)
{
	text_key(text, key);
	text_u64(text, value);
}

void text_key_time(struct text *text, const char *key, int64_t wall_ms)
{
	text_key(text, key);
	text_time(text, wall_ms);
}
