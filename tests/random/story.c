/* See story.h. */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>

void story_add(struct story *story, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(story->lines[story->count++ % STORY_LINES], STORY_LINE, format, args);
	va_end(args);
}

void story_print(const struct story *story)
{
	unsigned long first = story->count > STORY_LINES ? story->count - STORY_LINES : 0;

	for (unsigned long i = first; i < story->count; i++)
		printf("  %s\n", story->lines[i % STORY_LINES]);
}
