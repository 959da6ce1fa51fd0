/* One run: a schedule, and at most a few deaths of the server. */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the world; once. With `orphans` the server may die with its supervisor. */
void runs_prepare(bool orphans);

/* Runs a schedule; the server dies at this point (NONE: never). False: it failed, and world::failure says how. */
bool run(uint64_t seed, uint64_t point, bool told);

#endif
