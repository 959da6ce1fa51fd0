/* One run: a schedule, and at most a few deaths of the server. */
#ifndef TESTS_SIM_RUN_H
#define TESTS_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the world; once. */
void runs_prepare(void);

/* Runs a schedule; the server dies where it is aimed. False: it failed, and world::failure says how. */
struct aim;
bool run(uint64_t seed, const struct aim *aim, bool told);

#endif
