/* What is told of a run, and how it fails. */
#ifndef TESTS_SIM_STORY_H
#define TESTS_SIM_STORY_H

#include "world.h"

/* Tells a line, if the run is one that is told. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The contract is broken: the run ends here. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a text looks like on one line. */
const char *shown(const char *text, size_t len);

#endif
