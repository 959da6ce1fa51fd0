/* The single deeds that a schedule is made of. */
#ifndef TESTS_SIM_ACTS_H
#define TESTS_SIM_ACTS_H

/* Something happens, as world::dice has it. */
void act(void);

#endif
