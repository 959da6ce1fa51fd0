/* See life.h. The server is called as a function. Its memory is what it
 * allocates (memory.c) and the program's variables: both are put back before each life, so that
 * a server which dies anywhere leaves nothing behind but what the world has of it. */
#include "life.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"
#include "run.h"
#include "state.h"
#include "stores.h"
#include "story.h"
#include "vcalls.h"
#include "vmount.h"

extern char __data_start[], _end[]; /* of the program's variables: ld(1) */

static char *snapshot;

__attribute__((no_sanitize("address"), noinline)) void life_copy(
	char *to, const char *from, size_t len)
{
#ifdef __SANITIZE_ADDRESS__
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		*(volatile uint64_t *)(to + i) = *(const uint64_t *)(from + i);
	for (; i < len; i++)
		*(volatile char *)(to + i) = from[i];
#else
	__real_memcpy(to, from, len);
#endif
}

struct span life_variables(void)
{
	return (struct span){__data_start, (size_t)(_end - __data_start)};
}

void life_prepare(void)
{
	const struct span variables = life_variables();
	char *room = mmap(
		NULL, variables.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED)
		abort();
	memory_clear(); /* so that there is one: it must not be made anew in every life */
	snapshot = room;
	life_copy(snapshot, variables.at, variables.len);
}

static void reborn(void)
{
	const struct span variables = life_variables();

	life_copy(variables.at, snapshot, variables.len);
	memory_clear();
	world->n_vfds = world->n_watches = 0;
	memset(world->watched, 0, sizeof(world->watched));
	for (size_t i = 0; i < world->n_vfiles; i++)
		world->vfiles[i].locked = false;
	optind = 0; /* getopt(3) begins anew */
}

void life_end(enum end how)
{
	world->in_server = false;
	longjmp(world->home, (int)how);
}

void life_die(const char *what)
{
	say("the server dies: %s", what);
	world->crashes++;
	life_end(world->ending);
}

void point(const char *what)
{
	stores_settle();
	if (!world->in_server || world->in_world)
		return;
	if (world->branches)
		branch(&(struct aim){world->points, NONE});
	if (world->points++ == world->target)
		life_die(what);
}

bool point_is_next(void)
{
	if (!world->in_server || world->in_world)
		return false;
	if (world->branches)
		state_save();
	return world->branches || world->points == world->target;
}

enum end life_run(const char *options, int *code)
{
	enum end how;

	reborn();
	world->lives++;
	how = (enum end)setjmp(world->home);
	if (how != END_NONE)
		return how;
	world->in_server = true;
	world->in_world = false;
	*code = server_run(options);
	stores_settle();
	world->in_server = false;
	return END_EXIT;
}
