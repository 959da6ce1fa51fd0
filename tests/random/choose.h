/* Chooses what happens next: by the seed and by what the model knows, and by nothing else, so that
 * a seed is always the same story. */
#ifndef TESTS_RANDOM_CHOOSE_H
#define TESTS_RANDOM_CHOOSE_H

#include "model.h"

struct chooser {
	uint64_t state;
	uint64_t old_token; /* of a grant that may be over */
};

void choose(struct chooser *chooser, const struct model *model, struct act *act);

#endif
