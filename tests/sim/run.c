/* See run.h. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "judge.h"
#include "kernel.h"
#include "life.h"
#include "memory.h"
#include "people.h"
#include "schedule.h"
#include "state.h"
#include "story.h"
#include "vdisk.h"
#include "vmount.h"

struct world *world;

void runs_prepare(void)
{
	const size_t disk = 2UL * VFILES * VFILE_ROOM;
	char *room = mmap(NULL, sizeof(*world) + disk, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		abort();
	world = (struct world *)room;
	world->disk_memory = room + sizeof(*world);
	carry_prepare();
	state_prepare();
	setvbuf(stdout, world->told_room, _IOLBF,
		sizeof(world->told_room)); /* none of the server's memory */
	life_prepare();
}

/* A generator that depends on where the server dies first. */
static struct dice dice_for(uint64_t what)
{
	const struct aim *aim = &world->aim;

	return aim->store == NONE ? dice_of(world->seed, aim->point, what)
				  : dice_of(~world->seed, aim->store, what);
}

/* How the server dies at the next point that was chosen for it. */
static enum end death(uint64_t nth)
{
	struct dice dice = dice_for(200 + nth);
	uint32_t what = dice_below(&dice, 100);

	if (what < 70)
		return END_KILLED;
	return what % 2 ? END_POWER : END_BOTH;
}

/* Where it dies next, after it died once. */
static void death_plan(void)
{
	struct dice dice = dice_for(300 + world->crashes);
	const bool again = world->crashes < 4 && dice_once(&dice, 2);
	const bool soon = dice_once(&dice, 2);

	world->target = world->store_target = NONE;
	if (again && world->aim.store != NONE && dice_once(&dice, 2))
		world->store_target = world->stores + dice_below(&dice, soon ? 50 : 500);
	else if (again)
		world->target = world->points + dice_below(&dice, soon ? 20 : 300);
	world->ending = death(world->crashes);
}

static void after_death(enum end how)
{
	struct dice dice = dice_of(world->seed, world->points, 400);

	world->branches = false; /* from here on all depends on where it was to die first */
	world->terminate = false;
	world->closing = 0;
	if (!world->judge.power_lost) /* else it is not yet known what of the log counts */
		judge_log();
	if (how == END_KILLED && supervisor_goes_on()) {
		time_pass(dice_below(&dice, 100) * MS);
		world->revived_ns = world->mono_ns;
	} else if (how != END_POWER) {
		say("%s: the mount is gone",
			how == END_BOTH ? "so does its supervisor" : "no other follows");
		world->in_world = true;
		kernel_unmount();
		world->in_world = false;
		time_pass(dice_below(&dice, 2000) * MS);
	} else {
		say("the machine loses its power");
		judge_power();
		vdisk_lose_power(&dice);
		world->kernel.up = false;
		world->wall_ns += dice_below(&dice, 60000) * (int64_t)MS;
		schedule_boot();
		judge_power();
	}
	death_plan();
}

/* All that comes after the server has ended like this. */
static bool go_on(enum end how, int code)
{
	while (!world->failure[0]) {
		if (how == END_EXIT && code != 0 &&
			(world->faults.full || world->faults.sync_bad)) {
			say("the server gives up: %s", world->told_by_server);
			world->faults = (struct disk_faults){0};
			how = END_BOTH;
		}
		if (how == END_EXIT) {
			judge_end(code);
			break;
		}
		after_death(how);
		if (!world->failure[0])
			how = life_run(schedule_options(), &code);
	}
	return !world->failure[0];
}

static void world_clear(void)
{
	uint8_t skip[STEPS_MAX];

	memcpy(skip, world->skip, sizeof(skip));
	memset(world, 0, offsetof(struct world, files));
	memset(&world->kernel, 0, offsetof(struct kernel, nodes));
	memset(&world->judge, 0, offsetof(struct judge, freezes));
	memcpy(world->skip, skip, sizeof(skip));
	world->saved_len = 0;
}

static bool begin(uint64_t seed, const struct aim *aim, bool told, bool branches)
{
	int code = 0;
	enum end how;

	world_clear();
	world->seed = seed;
	world->aim = *aim;
	world->target = aim->point;
	world->store_target = aim->store;
	world->told = told;
	world->branches = branches;
	world->ending = death(0);
	schedule_begin();
	how = life_run(schedule_options(), &code);
	return go_on(how, code);
}

bool run(uint64_t seed, const struct aim *aim, bool told)
{
	return begin(seed, aim, told, false);
}

bool run_branches(uint64_t seed, void (*ended)(const struct aim *aim, bool ok))
{
	world->tried = (struct aim){0, seed % STORES_APART};
	world->branch_ended = ended;
	return begin(seed, &(struct aim){NONE, NONE}, false, true);
}

void branch(const struct aim *aim)
{
	char failure[sizeof(world->failure)];

	state_save();
	memory_keep();
	world->branches = world->in_server = false;
	world->aim = *aim;
	world->crashes++;
	if (aim->store == NONE) {
		world->tried.point = ++world->points;
		world->ending = death(0);
	} else {
		world->tried.store += STORES_APART;
		world->ending = END_KILLED;
	}

	const bool ok = go_on(world->ending, 0);

	world->branch_ended(aim, ok);
	strcpy(failure, world->failure);
	state_restore();
	if (!ok) {
		strcpy(world->failure, failure);
		life_end(END_SCHEDULE);
	}
}
