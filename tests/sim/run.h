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

#define STORES_APART 7 /* those that are tried in a schedule: which, its seed says */

/* Runs a schedule in which the server does not die, and all those runs with it that do as it does until they come to
 * the place where they are aimed: each point, and every seventh store. There each begins as a branch of it, and when
 * that has ended, everything is put back as it was. `ended` is called then, while the world is still the branch's. Stops at
 * the first that fails, and says so. Not begun are those from world::tried on, if a server that gave up was followed
 * by another before. */
bool run_branches(uint64_t seed, void (*ended)(const struct aim *aim, bool ok));

/* The branch in which the server dies here, which is where it is aimed. */
void branch(const struct aim *aim);

#endif
