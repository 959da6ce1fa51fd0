/* See spec.h. A spec is text from a stranger: every byte of it is checked before it is used. */
#include "spec.h"

#include <stdint.h>
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
	spec->timeout_ms = 0;
	return value.at ? ERR_INVALID : OK;
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

static int token_parse(struct piece value, struct spec *spec)
{
	if (value.len == 0 || value.len > 19 || value.at[0] == '0')
		return ERR_INVALID;
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return ERR_INVALID;
		spec->token = spec->token * 10 + (uint64_t)(value.at[i] - '0');
	}
	return OK;
}

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
	{"owner", true, 4, owner_parse},
	{"frozen", true, 8, frozen_parse},
	{"token", true, ~0U, token_parse},
};

static int option_parse(struct piece text, unsigned *set, struct spec *spec)
{
	struct piece value, word = cut(text, '=', &value);

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (!piece_is(word, option->word))
			continue;
		if (option->takes_value != (value.at != NULL) || (*set & option->sets))
			return ERR_INVALID;
		*set |= option->sets;
		return option->parse(value, spec);
	}
	return ERR_INVALID;
}

int spec_parse(
	const char *text, size_t len, const struct spec_defaults *defaults, struct spec *spec)
{
	struct piece rest, name = cut((struct piece){text, len}, '@', &rest);
	unsigned set = 0;
	int err;

	if (len > SPEC_MAX)
		return ERR_TOO_LONG;
	if ((err = name_check(name.at, name.len)) != OK)
		return err;

	*spec = (struct spec){.mode = MODE_EXCLUSIVE, .slots = 1};
	spec->ttl_ms = defaults->ttl_ms;
	spec->timeout_ms = defaults->timeout_ms;
	memcpy(spec->names, name.at, name.len);
	while (rest.at) {
		struct piece option = cut(rest, ',', &rest);

		if ((err = option_parse(option, &set, spec)) != OK)
			return err;
	}
	return OK;
}

bool spec_same(const struct spec *a, const struct spec *b)
{
	return strcmp(a->names, b->names) == 0 && strcmp(a->owner, b->owner) == 0 &&
		a->mode == b->mode && a->slots == b->slots && a->ttl_ms == b->ttl_ms &&
		a->timeout_ms == b->timeout_ms && a->frozen_wait == b->frozen_wait;
}
