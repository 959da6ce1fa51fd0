/* See shrink.h. A step that is left out moves the points behind it, so those before are tried too. */
#include "shrink.h"

#include <ctype.h>
#include <string.h>

#include "run.h"
#include "world.h"

#define NEAR 80 /* points that are tried for each step */

/* What a failure is, without who and how many. */
static void kind_of(const char *failure, char kind[512])
{
	size_t len = 0;

	for (; *failure; failure++)
		if (!isdigit((unsigned char)*failure))
			kind[len++] = *failure;
	kind[len] = '\0';
}

static bool fails_alike(uint64_t seed, uint64_t point, const char *kind)
{
	char now[512];

	if (run(seed, point, false))
		return false;
	kind_of(world->failure, now);
	return strcmp(now, kind) == 0;
}

/* The nearest point before at which it still fails alike; false if there is none. */
static bool point_find(uint64_t seed, uint64_t *point, const char *kind)
{
	if (*point == NONE)
		return fails_alike(seed, NONE, kind);
	for (uint64_t back = 0; back < NEAR && back <= *point; back++)
		if (fails_alike(seed, *point - back, kind)) {
			*point -= back;
			return true;
		}
	return false;
}

uint64_t shrink(uint64_t seed, uint64_t point)
{
	char kind[512];

	if (run(seed, point, false))
		return point;
	kind_of(world->failure, kind);
	for (unsigned i = world->steps; i-- > 0;) {
		if (world->skip[i])
			continue;
		world->skip[i] = 1;
		if (!point_find(seed, &point, kind))
			world->skip[i] = 0;
	}
	return point;
}
