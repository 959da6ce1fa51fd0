/* See when.h. */
#include "when.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_MS (30LL * 24 * 3600 * 1000)

/* The units in the only order they may come in. */
static const struct unit {
	const char *suffix;
	int64_t ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* The unit that `text` begins with up to the next digit or the end, from `from` on; UNITS: none. */
static size_t unit_find(const char *text, size_t from)
{
	size_t len = strcspn(text, "0123456789");

	while (from < UNITS &&
		(strlen(units[from].suffix) != len || memcmp(units[from].suffix, text, len) != 0))
		from++;
	return from;
}

int when_parse(const char *text, int64_t *ms)
{
	int64_t total = 0;
	size_t next = 0;

	do {
		int64_t number = 0;

		if (!isdigit((unsigned char)*text))
			return -1;
		for (; isdigit((unsigned char)*text) && number <= LIMIT_MS; text++)
			number = number * 10 + (*text - '0');
		if (number > LIMIT_MS)
			return -1;
		if (*text == '\0' && next == 0) {
			total = number * 1000;
			break;
		}

		size_t unit = unit_find(text, next);

		if (unit == UNITS)
			return -1;
		total += number * units[unit].ms;
		text += strlen(units[unit].suffix);
		next = unit + 1;
	} while (*text);
	if (total > LIMIT_MS)
		return -1;
	*ms = total;
	return 0;
}

/* "3 min 20 s", or "3 min" if there is no rest. */
static void pair_spell(
	char out[WHEN_TEXT], int64_t big, const char *unit, int64_t small, const char *subunit)
{
	if (small)
		snprintf(
			out, WHEN_TEXT, "%" PRId64 " %s %" PRId64 " %s", big, unit, small, subunit);
	else
		snprintf(out, WHEN_TEXT, "%" PRId64 " %s", big, unit);
}

void when_spell(char out[WHEN_TEXT], int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		snprintf(out, WHEN_TEXT, "0 ms");
	else if (ms < 1000)
		snprintf(out, WHEN_TEXT, "%" PRId64 " ms", ms);
	else if (ms < 10000 && ms % 1000 >= 100)
		snprintf(out, WHEN_TEXT, "%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
	else if (s < 120)
		snprintf(out, WHEN_TEXT, "%" PRId64 " s", s);
	else if (s < 3600)
		pair_spell(out, s / 60, "min", s % 60, "s");
	else if (s < 48 * 3600)
		pair_spell(out, s / 3600, "h", s / 60 % 60, "min");
	else
		pair_spell(out, s / 86400, "d", s / 3600 % 24, "h");
}

void when_stamp(char out[WHEN_STAMP], int64_t ago_ms)
{
	struct timespec now;
	struct tm tm;
	char date[24] = "1970-01-01T00:00:00";

	clock_gettime(CLOCK_REALTIME, &now);

	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - ago_ms;
	time_t seconds = (time_t)(ms / 1000);

	if (ms >= 0 && gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, WHEN_STAMP, "%s.%03dZ", date, ms >= 0 ? (int)(ms % 1000) : 0);
}

int64_t when_age_ms(const char *stamp)
{
	struct timespec now;
	struct tm tm = {0};
	const char *rest = strptime(stamp, "%Y-%m-%dT%H:%M:%S.", &tm);
	int64_t then;

	if (!rest || strspn(rest, "0123456789") != 3)
		return -1;
	clock_gettime(CLOCK_REALTIME, &now);
	then = (int64_t)timegm(&tm) * 1000 + strtol(rest, NULL, 10);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - then;
}

int64_t when_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t when_ms(void)
{
	return when_us() / 1000;
}
