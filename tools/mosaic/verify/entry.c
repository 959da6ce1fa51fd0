/* See entry.h. */
#include "mosaic/verify/entry.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "chain.h"

#define DIGITS "0123456789"
#define HASH 64

#define NUMBERS 8

enum kind { KIND_NUMBER, KIND_OWNER, KIND_STAMP, KIND_HASH };

/* A line is this, piece by piece: a text, and then a value. */
static const struct piece {
	const char *text;
	enum kind kind;
	const char *word;
} pieces[] = {
	{"{\"i\":", KIND_NUMBER, "i"},
	{",\"x\":", KIND_NUMBER, "x"},
	{",\"y\":", KIND_NUMBER, "y"},
	{",\"rgb\":[", KIND_NUMBER, "rgb"},
	{",", KIND_NUMBER, "rgb"},
	{",", KIND_NUMBER, "rgb"},
	{"],\"owner\":\"", KIND_OWNER, "owner"},
	{"\",\"pid\":", KIND_NUMBER, "pid"},
	{",\"ts\":\"", KIND_STAMP, "ts"},
	{"\",\"token\":", KIND_NUMBER, "token"},
	{",\"prev\":\"", KIND_HASH, "prev"},
	{"\",\"h\":\"", KIND_HASH, "h"},
};

/* Each of these returns how long the value at `at` is; 0 if there is none. */

/* As printf writes it: no sign, no zero in front, no point, no exponent. */
static size_t number_scan(const char *at, uint64_t *number)
{
	size_t len = strspn(at, DIGITS);

	errno = 0;
	*number = strtoumax(at, NULL, 10);
	return errno || (len > 1 && *at == '0') ? 0 : len;
}

/* What JSON takes as it is, as owner_find() in worker.c makes it. */
static size_t owner_scan(const char *at)
{
	size_t len = 0;

	while (at[len] >= '!' && at[len] <= '~' && at[len] != '"' && at[len] != '\\')
		len++;
	return len;
}

static size_t stamp_scan(const char *at)
{
	static const char form[] = "0000-00-00T00:00:00.000Z"; /* 0: any digit */
	size_t len = 0;

	while (form[len] && at[len] &&
		(form[len] == '0' ? strchr(DIGITS, at[len]) != NULL : at[len] == form[len]))
		len++;
	return form[len] ? 0 : len;
}

static size_t hash_scan(const char *at)
{
	size_t first = strlen(CHAIN_FIRST);

	if (strncmp(at, CHAIN_FIRST, first) == 0)
		return first;
	return strspn(at, DIGITS "abcdef") == HASH ? HASH : 0;
}

static size_t value_scan(enum kind kind, const char *at, uint64_t **number)
{
	switch (kind) {
	case KIND_NUMBER: return number_scan(at, (*number)++);
	case KIND_OWNER: return owner_scan(at);
	case KIND_STAMP: return stamp_scan(at);
	default: return hash_scan(at);
	}
}

const char *entry_parse(struct entry *entry, const char *line, size_t len)
{
	uint64_t numbers[NUMBERS], *number = numbers;
	const char *at = line;

	for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
		size_t text = strlen(pieces[k].text), value = 0;

		if (strncmp(at, pieces[k].text, text) == 0)
			value = value_scan(pieces[k].kind, at + text, &number);
		if (value == 0)
			return pieces[k].word;
		at += text + value;
	}
	if (strcmp(at, "\"}") != 0 || at + 2 != line + len)
		return "h";
	*entry = (struct entry){numbers[0], numbers[1], numbers[2],
		{numbers[3], numbers[4], numbers[5]}, numbers[6], numbers[7]};
	for (int channel = 0; channel < 3; channel++)
		if (entry->rgb[channel] > UINT8_MAX)
			return "rgb";
	return entry->pid - 1 < INT_MAX ? NULL : "pid";
}
