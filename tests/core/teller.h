/* The lines of a story: one for what is done, one for each effect. */
#ifndef TESTS_CORE_TELLER_H
#define TESTS_CORE_TELLER_H

#include "core/engine.h"

struct world;

/* Adds a line of what happens, with the time before it. */
void tell(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds the line for what the log is to say, for an answer, and for a record that was not logged. */
void tell_record(struct world *world, const struct record *record);
void tell_answer(struct world *world, const char *who, enum err err);

#endif
