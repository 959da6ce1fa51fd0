/* See spec.h. A spec is text from a stranger: every byte of it is checked before it is used. */
#include "spec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "err.h"

/* A piece of the text being read; never terminated. */
struct piece {
	const char *at;
	size_t len;
};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '.' || c == '_' || c == '-';
}

int name_check(const char *text, size_t len)
{
	if (len == 0 || text[0] == '.' || text[0] == '-')
		return ERR_INVALID;
	for (size_t i = 0; i < len; i++)
		if (!is_name_byte(text[i]))
			return ERR_INVALID;
	return len > NAME_MAX_LEN ? ERR_TOO_LONG : OK;
}

/* Cuts off what stands before the first `mark`; `*rest` is what follows it, or at == NULL. */
static struct piece cut(struct piece text, char mark, struct piece *rest)
{
	const char *found = memchr(text.at, mark, text.len);

	*rest = (struct piece){0};
	if (!found)
		return text;
	rest->at = found + 1;
	rest->len = text.len - (size_t)(found + 1 - text.at);
	return (struct piece){text.at, (size_t)(found - text.at)};
}

static bool piece_is(struct piece piece, const char *word)
{
	return piece.len == strlen(word) && memcmp(piece.at, word, piece.len) == 0;
}

static int ttl_parse(struct piece value, struct spec *spec)
{
	if (piece_is(value, "none"))
		spec->ttl_ms = TIME_NONE;
	else if (duration_parse(value.at, value.len, &spec->ttl_ms) != OK)
		return ERR_INVALID;
	return spec->ttl_ms == 0 ? ERR_INVALID : OK;
}

static int timeout_parse(struct piece value, struct spec *spec)
{
	if (piece_is(value, "none"))
		spec->timeout_ms = TIME_NONE;
	else
		return duration_parse(value.at, value.len, &spec->timeout_ms);
	return OK;
}

static int try_parse(struct piece value, struct spec *spec)
{
	(void)value;
	spec->timeout_ms = 0;
	return OK;
}

static int owner_parse(struct piece value, struct spec *spec)
{
	if (value.len == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < value.len; i++)
		if (!is_name_byte(value.at[i]) && value.at[i] != ':')
			return ERR_INVALID;
	if (value.len > OWNER_MAX)
		return ERR_TOO_LONG;
	memcpy(spec->owner, value.at, value.len);
	spec->owner[value.len] = '\0';
	return OK;
}

static int frozen_parse(struct piece value, struct spec *spec)
{
	spec->frozen_wait = true;
	return piece_is(value, "wait") ? OK : ERR_INVALID;
}

/* A decimal number without leading zeros, from 1 to `limit`. */
static int number_parse(struct piece value, uint64_t limit, uint64_t *number)
{
	if (value.len == 0 || value.len > 19 || value.at[0] == '0')
		return ERR_INVALID;
	*number = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return ERR_INVALID;
		*number = *number * 10 + (uint64_t)(value.at[i] - '0');
	}
	return *number <= limit ? OK : ERR_INVALID;
}

static int token_parse(struct piece value, struct spec *spec)
{
	return number_parse(value, UINT64_MAX, &spec->token);
}

static int shared_parse(struct piece value, struct spec *spec)
{
	(void)value;
	spec->mode = MODE_SHARED;
	return OK;
}

static int slots_parse(struct piece value, struct spec *spec)
{
	uint64_t slots = 1;
	int err = number_parse(value, UINT32_MAX, &slots);

	spec->slots = (uint32_t)slots;
	return err;
}

static int bind_parse(struct piece value, struct spec *spec)
{
	spec->bind = piece_is(value, "pid") ? BIND_PID : BIND_FD;
	return piece_is(value, "pid") || piece_is(value, "fd") ? OK : ERR_INVALID;
}

#define SETS_OWNER 4U

/* Options that set the same thing share a bit of `sets`, and so exclude each other. */
static const struct option {
	const char *word;
	bool takes_value;
	unsigned sets;
	int (*parse)(struct piece value, struct spec *spec);
} options[] = {
	{"ttl", true, 1, ttl_parse},
	{"timeout", true, 2, timeout_parse},
	{"try", false, 2, try_parse},
	{"owner", true, SETS_OWNER, owner_parse},
	{"frozen", true, 8, frozen_parse},
	{"shared", false, 16, shared_parse},
	{"slots", true, 16, slots_parse},
	{"bind", true, 32, bind_parse},
	{"token", true, ~0U, token_parse},
};

/* Reads one option of those in `allowed` that is not `*set` yet. */
static int option_parse(struct piece text, unsigned allowed, unsigned *set, struct spec *spec)
{
	struct piece value, word = cut(text, '=', &value);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (!piece_is(word, option->word))
			continue;
		if (option->takes_value != (value.at != NULL) || (option->sets & (*set | ~allowed)))
			return ERR_INVALID;
		*set |= option->sets;
		return option->parse(value, spec);
	}
	return ERR_INVALID;
}

static int piece_compare(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->at, y->at, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Reads the names, sorts them and joins them again: `b+a` is `a+b`. */
static int names_parse(struct piece text, char names[SPEC_MAX + 1])
{
	struct piece name[SPEC_MAX / 2 + 1], rest = text;
	size_t count = 0;
	char *at = names;
	int err;

	do {
		name[count] = cut(rest, '+', &rest);
		if ((err = name_check(name[count].at, name[count].len)) != OK)
			return err;
		count++;
	} while (rest.at);
	qsort(name, count, sizeof(name[0]), piece_compare);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && piece_compare(&name[i - 1], &name[i]) == 0)
			return ERR_INVALID;
		if (i > 0)
			*at++ = '+';
		at = (char *)memcpy(at, name[i].at, name[i].len) + name[i].len;
	}
	*at = '\0';
	return OK;
}

static int parse(const char *text, size_t len, unsigned allowed,
	const struct spec_defaults *defaults, struct spec *spec)
{
	struct piece rest, names = cut((struct piece){text, len}, '@', &rest);
	unsigned set = 0;
	int err;

	if (len > SPEC_MAX)
		return ERR_TOO_LONG;
	*spec = (struct spec){.mode = MODE_EXCLUSIVE, .slots = 1};
	spec->ttl_ms = defaults->ttl_ms;
	spec->timeout_ms = defaults->timeout_ms;
	if ((err = names_parse(names, spec->names)) != OK)
		return err;
	while (rest.at) {
		struct piece option = cut(rest, ',', &rest);

		if ((err = option_parse(option, allowed, &set, spec)) != OK)
			return err;
	}
	return OK;
}

int spec_parse(
	const char *text, size_t len, const struct spec_defaults *defaults, struct spec *spec)
{
	return parse(text, len, ~0U, defaults, spec);
}

int lease_parse(const char *text, size_t len, struct spec *spec)
{
	static const struct spec_defaults none = {TIME_NONE, TIME_NONE};
	int err = parse(text, len, SETS_OWNER, &none, spec);

	return err == OK && strchr(spec->names, '+') ? ERR_INVALID : err;
}

bool names_next(const char **names, char name[NAME_MAX_LEN + 1])
{
	size_t len = strcspn(*names, "+");

	if (len == 0 || len > NAME_MAX_LEN)
		return false;
	memcpy(name, *names, len);
	name[len] = '\0';
	*names += len + ((*names)[len] == '+');
	return true;
}

bool names_ok(const char *names)
{
	char sorted[SPEC_MAX + 1];
	size_t len = strlen(names);

	return len <= SPEC_MAX && names_parse((struct piece){names, len}, sorted) == OK &&
		strcmp(sorted, names) == 0;
}
