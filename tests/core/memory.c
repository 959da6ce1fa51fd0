/* See memory.h. */
#include "memory.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

struct memory memory;

static bool fails(void)
{
	if (!memory.inside || --memory.left > 0 || (memory.left < 0 && !memory.for_good))
		return false;
	memory.failed++;
	return true;
}

void *__wrap_malloc(size_t size)
{
	if (fails())
		return NULL;
	memory.bytes += memory.inside ? size : 0;
	memory.blocks++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	if (fails())
		return NULL;
	memory.bytes += memory.inside ? count * size : 0;
	memory.blocks++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	if (fails())
		return NULL;
	memory.blocks += block == NULL;
	return __real_realloc(block, size);
}

void __wrap_free(void *block)
{
	memory.blocks -= block != NULL;
	__real_free(block);
}

void memory_fail(long n, bool for_good)
{
	memory.left = n;
	memory.for_good = for_good;
	memory.failed = 0;
}

static struct world *watched;

/* A step during which memory may fail: who is denied for it has changed nothing. */
static void step(struct engine *engine, const struct event *event, struct effects *fx)
{
	char *before = world_picture(watched, engine), *after;

	memory.inside = true;
	engine_step(engine, event, fx);
	memory.inside = false;
	for (size_t i = 0; i < fx->n_answers; i++)
		if (fx->answers[i].err == ERR_NO_MEMORY) {
			after = world_picture(watched, engine);
			CHECK_STRING(after, before);
			CHECK(fx->n_answers == 1 && fx->n_records == 0 && memory.failed > 0);
			free(after);
		}
	free(before);
}

void memory_watch(struct world *world)
{
	watched = world;
	world->step = step;
}
