/* The lock language told naively: one array of who asked, a search for each question. It predicts
 * what the engine must answer, and shares none of its ideas of how to find that out. */
#ifndef TESTS_CORE_MODEL_H
#define TESTS_CORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/spec.h"
#include "life.h"

#define MODEL_NAMES 5
#define MODEL_ASKERS 1000 /* more than ever wait or hold at a time */
#define MODEL_ANSWERS 1000

#define NEVER UINT64_MAX

enum stage { STAGE_WAITS, STAGE_PAUSED, STAGE_HOLDS };

/* Somebody who asked; he is in the array until his wait or his hold is over. */
struct asker {
	uint64_t id, token;
	uint64_t until, armed; /* his stage's deadline; when it was set */
	uint64_t gives_up;     /* the end of the wait, as it was at first */
	enum stage stage;
	bool lease;     /* `until` is on CLOCK_BOOTTIME, else on CLOCK_MONOTONIC */
	unsigned names; /* a bit for each */
	char who[16], spec[48];
	struct spec asked; /* `owner` is never empty */
};

struct model {
	struct asker askers[MODEL_ASKERS]; /* in the order they came */
	int count;
	struct frozen {
		uint64_t thaws, armed; /* NEVER: not frozen */
		char by[16];
	} frozen[MODEL_NAMES + 1]; /* the last: everything */
	uint64_t now, slept, arms; /* milliseconds; CLOCK_BOOTTIME is the sum */
	struct outcome {
		uint64_t id;
		enum err err;
		unsigned granted; /* the names, if it was a grant */
	} answers[MODEL_ANSWERS];
	int n_answers; /* since the last act began */
};

void model_init(struct model *model);

/* Does what `act` says; the request that it makes, if any, gets the number `id`. */
void model_do(struct model *model, const struct act *act, uint64_t id);

/* The daemon comes again. After a reboot the clocks begin at 0, `away_ms` later by the wall. */
void model_restart(struct model *model, bool same_boot, int64_t away_ms);

/* Who asked this; NULL: he neither waits nor holds any more. */
struct asker *model_find(struct model *model, uint64_t id);

/* The bit of each name in a spec. */
unsigned model_names(const char *spec);

/* What happened: an answer, a deadline that is set, one who leaves; then everybody gets what he can
 * have by now. For the files of the model alone. */
void model_answer(struct model *model, uint64_t id, enum err err, unsigned granted);
void model_arm(struct model *model, struct asker *asker, uint64_t until);
void model_remove(struct model *model, struct asker *asker);
void model_settle(struct model *model);

/* Whether one of these names is frozen, or everything. */
bool model_frozen(const struct model *model, unsigned names);

/* `ms` from now on the clock that stands still in sleep, or on CLOCK_BOOTTIME. */
uint64_t model_after(const struct model *model, bool boot, uint64_t ms);

/* Lets time pass, and what is due by now fire: the most overdue first. */
void model_advance(struct model *model, uint64_t ms);
void model_fire(struct model *model);

#endif
