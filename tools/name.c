/* See name.h. */
#include "name.h"

#include <string.h>

#include "args.h"
#include "mount.h"
#include "say.h"

#define NAME_LIMIT 128

static bool name_fits(const char *text, size_t len)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	return len >= 1 && len <= NAME_LIMIT && *text != '.' && *text != '-' &&
		strspn(text, allowed) >= len;
}

static bool name_refuse(const char *text)
{
	say("'%s' is not a name: 1 to %d of A-Z a-z 0-9 . _ -, and no . or - in front", text,
		NAME_LIMIT);
	return false;
}

bool name_check(const char *text)
{
	if (name_fits(text, strlen(text)))
		return true;
	if (!strchr(text, '+'))
		return name_refuse(text);
	say("'%s' is a group; this takes one name", text);
	return false;
}

/* Whether the name at text[0..len) stands in what follows it too. */
static bool name_again(const char *text, size_t len)
{
	for (const char *at = text + len; *at == '+';) {
		size_t next = strcspn(++at, "+");

		if (next == len && memcmp(at, text, len) == 0)
			return true;
		at += next;
	}
	return false;
}

bool name_check_group(const char *text)
{
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, "+");

		if (!name_fits(at, len))
			return name_refuse(text);
		if (name_again(at, len)) {
			say("'%s' has the same name twice", text);
			return false;
		}
		at += len;
		if (*at == '\0')
			return true;
	}
}

int name_settle(const struct args *args, bool (*check)(const char *name), struct mount *mount,
	const char *where)
{
	if (args->noperands != 1)
		return args_refuse(args, "it takes one NAME");
	if (!check(args->operands[0]))
		return CODE_USAGE;
	return mount_find(mount, where) < 0 ? CODE_ERROR : CODE_OK;
}
