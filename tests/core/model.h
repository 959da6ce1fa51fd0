/* Exclusive locks told naively: an array for each name, a search for each question. It predicts
 * what the engine must answer, and shares none of its ideas of how to find that out. */
#ifndef TESTS_CORE_MODEL_H
#define TESTS_CORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/spec.h"
#include "life.h"

#define MODEL_NAMES 6    /* lock0 to lock4, and @all */
#define MODEL_QUEUE 2000 /* more than ever wait for a name at a time */
#define MODEL_ANSWERS 4000

enum stage { STAGE_WAITS, STAGE_PAUSED, STAGE_HOLDS, STAGE_LOST };

/* Somebody who asked for a name; it is in its name's array until he has gone. */
struct asker {
	uint64_t id, token, until,
		armed;     /* `until`: his stage's deadline; `armed`: when it was set */
	uint64_t gives_up; /* the end of the wait, as it was at first */
	enum stage stage;
	char who[16], spec[48];
	struct spec asked;
};

struct name {
	struct asker askers[MODEL_QUEUE]; /* in the order they came */
	int count;
	uint64_t thaws, armed; /* UINT64_MAX: not frozen */
	char frozen_by[16];
};

struct model {
	struct name names[MODEL_NAMES];
	uint64_t now, slept; /* milliseconds; CLOCK_BOOTTIME is the sum */
	uint64_t next_token, arms;
	struct outcome {
		uint64_t id, token;
		enum err err;
	} answers[MODEL_ANSWERS];
	int n_answers; /* since the last act began */
};

void model_init(struct model *model);

/* Does what `act` says; the request that it makes, if any, gets the number `id`. */
void model_do(struct model *model, const struct act *act, uint64_t id);

#endif
