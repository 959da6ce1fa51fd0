/* What happens in the world besides the server: by the seed, a step at a time. */
#ifndef TESTS_SIM_SCHEDULE_H
#define TESTS_SIM_SCHEDULE_H

#include "world.h"

/* How the seed has the world begin, and the server be started. */
void schedule_begin(void);
const char *schedule_options(void);

/* The machine has started, anew after a loss of power: its clocks and its processes. */
void schedule_boot(void);

/* The next step; after the last everybody goes home, and the server is told to end. */
void schedule_step(void);

/* Now and then a step while the server is at work. */
void schedule_meanwhile(void);

/* Time goes on. */
void time_pass(uint64_t ns);

#endif
