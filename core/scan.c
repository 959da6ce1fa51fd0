/* See scan.h. The text comes from a disk: hostile until read. */
#include "scan.h"

#include <string.h>

#define DEPTH_MAX 8 /* of values stepped over: our own nest three deep */

void scan_expect(struct scan *scan, char byte)
{
	if (!scan_take(scan, byte))
		scan->bad = true;
}

bool scan_element(struct scan *scan)
{
	if (scan_take(scan, ']') || scan->bad || scan->at == scan->end)
		return false;
	if (scan->at[-1] != '[')
		scan_expect(scan, ',');
	return !scan->bad;
}

bool scan_member(struct scan *scan, char *key, size_t room)
{
	if (scan_take(scan, '}') || scan->bad)
		return false;
	if (scan->at[-1] != '{')
		scan_expect(scan, ',');
	scan_string(scan, key, room);
	scan_expect(scan, ':');
	return !scan->bad;
}

static unsigned hex_digit(struct scan *scan)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = NULL;

	if (scan->at < scan->end && *scan->at)
		digit = strchr(digits, *scan->at++);
	if (!digit)
		scan->bad = true;
	return digit ? (unsigned)(digit - digits) : 0;
}

/* Reads what follows a backslash. */
static char escape_read(struct scan *scan)
{
	unsigned code = 0;

	if (scan_take(scan, '"'))
		return '"';
	if (scan_take(scan, '\\'))
		return '\\';
	scan_expect(scan, 'u');
	for (int i = 0; i < 4; i++)
		code = code * 16 + hex_digit(scan);
	if (code == 0 || code > 0xff)
		scan->bad = true;
	return (char)code;
}

void scan_string(struct scan *scan, char *string, size_t room)
{
	size_t len = 0;

	scan_expect(scan, '"');
	while (!scan->bad && !scan_take(scan, '"')) {
		if (scan->at == scan->end || (unsigned char)*scan->at < ' ' || len + 1 >= room) {
			scan->bad = true;
			break;
		}
		char c = *scan->at++;

		string[len++] = c == '\\' ? escape_read(scan) : c;
	}
	string[scan->bad ? 0 : len] = '\0';
}

uint64_t scan_u64(struct scan *scan)
{
	const char *start = scan->at;
	uint64_t number = 0;

	while (!scan->bad && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
		uint64_t digit = (uint64_t)(*scan->at++ - '0');

		if (number > (UINT64_MAX - digit) / 10)
			scan->bad = true;
		number = number * 10 + digit;
	}
	if (scan->at == start)
		scan->bad = true;
	return scan->bad ? 0 : number;
}

/* The `width` digits at `at`, which must not be more than `most`. */
static int64_t digits_read(struct scan *scan, const char *at, int width, int64_t most)
{
	int64_t value = 0;

	for (int i = 0; i < width; i++)
		value = value * 10 + (at[i] - '0');
	scan->bad |= value > most;
	return value;
}

/* Reads a string that has digits where `form` has zeros, and is `form` elsewhere. */
static void form_read(struct scan *scan, const char *form, char *string, size_t room)
{
	scan_string(scan, string, room);
	scan->bad |= strlen(string) != strlen(form);
	for (size_t i = 0; !scan->bad && form[i]; i++)
		if (form[i] == '0' ? string[i] < '0' || string[i] > '9' : string[i] != form[i])
			scan->bad = true;
}

int64_t scan_time(struct scan *scan)
{
	char t[25];

	form_read(scan, "0000-00-00T00:00:00.000Z", t, sizeof(t));
	if (scan->bad)
		return 0;

	/* Days of a date of the Gregorian calendar since 1970 (Howard Hinnant, 2013). */
	int64_t m = digits_read(scan, t + 5, 2, 12), d = digits_read(scan, t + 8, 2, 31);
	int64_t y = digits_read(scan, t, 4, 9999) - (m <= 2), era = y / 400, yoe = y % 400;
	int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
	int64_t seconds = digits_read(scan, t + 11, 2, 23) * 3600 +
		digits_read(scan, t + 14, 2, 59) * 60 + digits_read(scan, t + 17, 2, 59);

	scan->bad |= m == 0 || d == 0 || days < 0; /* text_time() writes none before 1970 */
	return (days * 86400 + seconds) * 1000 + digits_read(scan, t + 20, 3, 999);
}

/* Steps over a string of any length. */
static void string_skip(struct scan *scan)
{
	scan_expect(scan, '"');
	while (!scan->bad && !scan_take(scan, '"')) {
		if (scan_take(scan, '\\') && scan->at < scan->end)
			scan->at++;
		else if (scan->at == scan->end)
			scan->bad = true;
		else
			scan->at++;
	}
}

void scan_skip(struct scan *scan)
{
	int depth = 0;

	do {
		if (scan->at == scan->end)
			scan->bad = true;
		else if (*scan->at == '"')
			string_skip(scan);
		else if (scan_take(scan, '{') || scan_take(scan, '['))
			scan->bad = ++depth > DEPTH_MAX;
		else if (scan_take(scan, '}') || scan_take(scan, ']'))
			scan->bad = --depth < 0;
		else if (depth > 0 && (scan_take(scan, ',') || scan_take(scan, ':')))
			continue;
		else
			scan_u64(scan);
	} while (!scan->bad && depth > 0);
}
