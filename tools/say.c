/* See say.h. */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Length of the UTF-8 sequence at `at` if it is well formed and no C1 control, else 0. */
static size_t sequence_length(const unsigned char *at)
{
	size_t len = *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if (*at == 0xc2 && len && at[1] < 0xa0)
		return 0;
	return len;
}

void text_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at) {
		size_t len = *at >= 0x20 && *at < 0x7f ? 1 : sequence_length(at);

		if (len == 0)
			*at = '?';
		at += len ? len : 1;
	}
}

void text_add(char *text, size_t room, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, room - len, format, args);
	va_end(args);
}

void say(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		text_clean(text);
	fflush(stdout);
	fprintf(stderr, "lokt: %s\n", text ? text : "out of memory");
	free(text);
}

int say_end(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	say("standard output: %s", strerror(errno));
	return CODE_ERROR;
}

bool say_colour(FILE *stream)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(stream)) && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}
