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

static bool fails_alike(uint64_t seed, const struct aim *aim, const char *kind)
{
	char now[512];

	if (run(seed, aim, false))
		return false;
	kind_of(world->failure, now);
	return strcmp(now, kind) == 0;
}

/* The nearest place before at which it still fails alike; false if there is none. */
static bool place_find(uint64_t seed, struct aim *aim, const char *kind)
{
	struct aim near = *aim;
	uint64_t *place = aim->store == NONE ? &near.point : &near.store;

	for (unsigned tries = 0; tries < NEAR; tries++) {
		if (fails_alike(seed, &near, kind)) {
			*aim = near;
			return true;
		}
		if (*place == NONE || (*place)-- == 0)
			return false;
	}
	return false;
}

void shrink(uint64_t seed, struct aim *aim)
{
	char kind[512];

	if (run(seed, aim, false))
		return;
	kind_of(world->failure, kind);
	for (unsigned i = world->steps; i-- > 0;) {
		if (world->skip[i])
			continue;
		world->skip[i] = 1;
		if (!place_find(seed, aim, kind))
			world->skip[i] = 0;
	}
}
