/* A schedule that fails, made short. */
#ifndef TESTS_SIM_SHRINK_H
#define TESTS_SIM_SHRINK_H

#include <stdint.h>

/* Leaves out (world::skip) as many steps as the same failure allows; where it dies in what is left. */
struct aim;
void shrink(uint64_t seed, struct aim *aim);

#endif
