/* See spec.h. */
#include "spec.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "when.h"

/* Appends an option: '@' before the first, ',' before the others. */
static void option_add(char out[SPEC_ROOM], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void option_add(char out[SPEC_ROOM], const char *format, ...)
{
	size_t len = strlen(out);
	va_list args;

	if (len + 1 >= SPEC_ROOM)
		return;
	out[len] = strchr(out, '@') ? ',' : '@';
	va_start(args, format);
	vsnprintf(out + len + 1, SPEC_ROOM - len - 1, format, args);
	va_end(args);
}

static void time_add(char out[SPEC_ROOM], const char *option, int64_t ms)
{
	if (ms == WHEN_NONE)
		option_add(out, "%s=none", option);
	else if (ms != WHEN_UNSET)
		option_add(out, "%s=%" PRId64 "ms", option, ms);
}

void spec_write(const struct spec *spec, char out[SPEC_ROOM])
{
	snprintf(out, SPEC_ROOM, "%s", spec->names);
	time_add(out, "ttl", spec->ttl_ms);
	time_add(out, "timeout", spec->timeout_ms);
	if (spec->try)
		option_add(out, "try");
	if (spec->shared)
		option_add(out, "shared");
	if (spec->thaw)
		option_add(out, "frozen=wait");
	if (spec->slots)
		option_add(out, "slots=%" PRIu64, spec->slots);
	if (spec->owner && *spec->owner)
		option_add(out, "owner=%s", spec->owner);
}
