/* See duration.h. */
#include "duration.h"

#include <stdint.h>
#include <string.h>

#include "err.h"

/* The units in the only order they may come in. */
static const struct unit {
	const char *suffix;
	uint64_t ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

#define UNITS (sizeof(units) / sizeof(units[0]))

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads digits at `*at` up to `end`, advancing it. ERR_INVALID without one, or past the limit. */
static int number_parse(const char **at, const char *end, uint64_t *number)
{
	const char *start = *at;

	*number = 0;
	while (*at < end && is_digit(**at)) {
		*number = *number * 10 + (uint64_t)(*(*at)++ - '0');
		if (*number > DURATION_MAX_MS)
			return ERR_INVALID;
	}
	return *at == start ? ERR_INVALID : OK;
}

/* The unit spelt at `at`, at or after `from` in the table, advancing `*at`; UNITS if none. */
static size_t unit_parse(const char **at, const char *end, size_t from)
{
	const char *stop = *at;

	while (stop < end && !is_digit(*stop))
		stop++;
	for (size_t i = from; i < UNITS; i++) {
		size_t len = strlen(units[i].suffix);

		if ((size_t)(stop - *at) == len && memcmp(*at, units[i].suffix, len) == 0) {
			*at = stop;
			return i;
		}
	}
	return UNITS;
}

int duration_parse(const char *text, size_t len, uint64_t *ms)
{
	const char *at = text, *end = text + len;
	uint64_t total = 0, number;
	size_t next = 0;

	do {
		if (number_parse(&at, end, &number) != OK)
			return ERR_INVALID;
		if (at == end && next == 0) { /* a bare number: seconds */
			total = number * 1000;
			break;
		}

		size_t i = unit_parse(&at, end, next);

		if (i == UNITS)
			return ERR_INVALID;
		total += number * units[i].ms;
		next = i + 1;
	} while (at < end && total <= DURATION_MAX_MS);

	if (at < end || total > DURATION_MAX_MS)
		return ERR_INVALID;
	*ms = total;
	return OK;
}
