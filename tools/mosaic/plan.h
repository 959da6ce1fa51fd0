/* What is done to a run on its way, and so what is to be seen of it. */
#ifndef MOSAIC_PLAN_H
#define MOSAIC_PLAN_H

#include <stdbool.h>
#include <stdint.h>

struct mosaic;

#define PLAN_NEVER 101 /* per cent */

enum scenario {
	SCENARIO_NONE,
	SCENARIO_HAPPY,   /* nothing is done to it */
	SCENARIO_FREEZE,  /* the lock is frozen on the way */
	SCENARIO_CRASH,   /* the holder is killed on the way */
	SCENARIO_TIMEOUT, /* some workers do not wait long */
	SCENARIO_NOLOCK,  /* it is painted without the lock */
	SCENARIO_CORRUPT, /* the lock service is killed on the way, and its log damaged */
	SCENARIO_ALL,     /* all of these, one after the other */
	SCENARIOS
};

/* The word for a scenario, and the scenario for a word; SCENARIOS if it is none. */
const char *scenario_word(enum scenario scenario);
enum scenario scenario_parse(const char *word);

struct plan {
	enum scenario scenario;
	unsigned freeze_at, kill_at, corrupt_at; /* per cent of the tiles; PLAN_NEVER */
	unsigned impatient;                      /* per cent of the workers */
	int64_t freeze_ms;                       /* how long a freeze lasts, the key's too */
};

/* Adds to plan and mosaic what the scenario asks for, where nothing else was said. */
void plan_set(struct plan *plan, struct mosaic *mosaic, enum scenario scenario);

/* Whether anything is to be done. */
bool plan_is_set(const struct plan *plan);

#endif
