/* See name.h. */
#include "name.h"

#include <string.h>

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
	return name_fits(text, strlen(text)) || name_refuse(text);
}

bool name_check_group(const char *text)
{
	for (const char *at = text;; at++) {
		size_t len = strcspn(at, "+");

		if (!name_fits(at, len))
			return name_refuse(text);
		at += len;
		if (*at == '\0')
			return true;
	}
}
