/* An act in files: what a worker has to do for it, and the same for a reader. */
#ifndef TESTS_RANDOM_TELL_H
#define TESTS_RANDOM_TELL_H

#include "model.h"
#include "worker.h"

/* The order to the act's worker; the model is as it was before the act. False: the act is none of a
 * worker's own, but happens to it. */
bool tell_order(
	const struct model *model, const struct act *act, const char *mount, struct order *order);

/* One line for a reader, without an end. */
void tell_line(const struct model *model, const struct act *act, char *line, size_t room);

#endif
