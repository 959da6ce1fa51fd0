/* What the mount shows beside what the model says it must. */
#ifndef TESTS_RANDOM_LOOK_H
#define TESTS_RANDOM_LOOK_H

#include "picture.h"
#include "worker.h"

/* Status, once as the model has it and once as the mount shows it, in the same words. */
struct look {
	char wanted[PICTURE_MAX], seen[PICTURE_MAX];
};

/* Looks at status.json. Whether both are the same; new grants' tokens go into the model. */
bool look_status(struct look *look, struct model *model, const char *mount);

/* The same for what ls shows, and for one name's own file. */
bool look_around(struct look *look, const struct model *model, const char *mount, int name);

/* The same for what there is in all when nobody waits any more, and nobody's place is kept. */
bool look_rest(struct look *look, const struct model *model, const char *mount);

/* The same for what a worker reported that looked at something of its own. */
bool look_report(
	struct look *look, struct model *model, const struct act *act, const struct report *report);

#endif
