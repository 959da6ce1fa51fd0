/* A schedule that fails, made short. */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include <stdint.h>

/* Leaves out (world::skip) as many steps as the same failure allows; the point of the crash in what is left. */
uint64_t shrink(uint64_t seed, uint64_t point);

#endif
