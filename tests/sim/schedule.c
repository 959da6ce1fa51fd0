/* See schedule.h. Each step has random numbers of its own: leaving one out does not change the others,
 * which is what makes a schedule that fails short. */
#include "schedule.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "acts.h"
#include "kernel.h"
#include "life.h"
#include "people.h"
#include "story.h"

#define BOOT_WALL 1790000000000000000LL /* in 2026 */

void time_pass(uint64_t ns)
{
	world->mono_ns += ns;
	world->boot_ns += ns;
	world->wall_ns += (int64_t)ns;
}

void schedule_boot(void)
{
	world->boots++;
	world->mono_ns = world->boot_ns = (uint64_t)world->boots * 1000 * 1000 * MS;
	world->last_pid = 1000;
	memset(world->people, 0, sizeof(world->people));
	world->n_files = 0;
	snprintf(world->boot_id, sizeof(world->boot_id), "boot-%u", world->boots);
}

void schedule_begin(void)
{
	struct dice dice = dice_of(world->seed, 0, 99);

	world->steps = 24 + dice_below(&dice, 40);
	world->wall_ns = BOOT_WALL;
	schedule_boot();
}

const char *schedule_options(void)
{
	static const char *const deadlocks[] = {"none", "none", "5ms", "500ms"};
	static char options[200];
	struct dice dice = dice_of(world->seed, 0, 98);

	snprintf(options, sizeof(options), "state=/state,allow_other,deadlock_timeout=%s",
		deadlocks[dice_below(&dice, 4)]);
	strcat(options, dice_once(&dice, 2) ? ",audit_max=32K" : "");
	strcat(options, dice_once(&dice, 8) ? ",max_holds=3,max_waiters=3" : "");
	return options;
}

/* Everybody goes home, what is left ends by its time, and the server is told to end. */
static void close_down(void)
{
	world->over = true;
	world->faults = (struct disk_faults){0};
	for (size_t i = 0; i < PEOPLE; i++) {
		struct process *process = &world->people[i];

		if (process->alive && !process->dying) {
			process_end_by(process, dice_once(&world->dice, 2) ? SIGKILL : 0);
			return;
		}
	}
	switch (world->closing++) {
	case 0:
	case 1: time_pass(3000 * MS); break;
	case 2:
	case 3: time_pass(4000000 * MS); break;
	default: say("the server is told to end"); world->terminate = true;
	}
}

void schedule_step(void)
{
	const unsigned i = world->step++;

	world->dice = dice_of(world->seed, i, 1);
	world->in_world = true;
	if (i >= world->steps)
		close_down();
	else if (!world->skip[i])
		act();
	world->in_world = false;
	if (world->step > 4 * STEPS_MAX)
		fail("the server does not come to rest");
}

void schedule_meanwhile(void)
{
	struct dice dice = dice_of(world->seed, world->points, 5);

	if (world->step < world->steps && world->kernel.greeted && dice_once(&dice, 6)) {
		world->busy = true;
		schedule_step();
		world->busy = false;
	}
}
