/* See story.h. */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "life.h"

static void stamp(void)
{
	printf("[%2u %7.3f] ", world->step, (double)(world->mono_ns % 1000000000000) / 1e9);
}

void say(const char *format, ...)
{
	va_list args;

	if (!world->told)
		return;
	stamp();
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(const char *format, ...)
{
	va_list args;

	if (!world->failure[0]) {
		va_start(args, format);
		vsnprintf(world->failure, sizeof(world->failure), format, args);
		va_end(args);
		say("FAILED: %s", world->failure);
	}
	if (world->in_server)
		life_end(END_SCHEDULE);
}

const char *shown(const char *text, size_t len)
{
	static char copy[160];
	size_t room = sizeof(copy) - 1, at = 0;

	for (size_t i = 0; i < len && at < room; i++)
		copy[at++] = text[i] == '\n' ? '$' : text[i] >= 32 && text[i] < 127 ? text[i] : '?';
	copy[at] = '\0';
	return copy;
}
