/* See plan.h. */
#include "mosaic/plan.h"

#include <string.h>

#include "mosaic/mosaic.h"
#include "when.h"

#define FREEZE_AT 30 /* per cent */
#define KILL_AT 60
#define CORRUPT_AT 50
#define IMPATIENT 10
#define TILE_DELAY_MS 120

static const char *const words[SCENARIOS] = {
	"none", "happy", "freeze", "crash", "timeout", "nolock", "corrupt", "all"};

const char *scenario_word(enum scenario scenario)
{
	return words[scenario];
}

enum scenario scenario_parse(const char *word)
{
	int scenario = SCENARIO_HAPPY;

	while (scenario < SCENARIOS && strcmp(words[scenario], word) != 0)
		scenario++;
	return (enum scenario)scenario;
}

/* Without a lock nobody waits for anybody: with the usual rest all would be over before one has
 * seen how it fails. So long that it takes ten seconds, but not so long that no two of the workers
 * get in each other's way. */
static int64_t nolock_delay_ms(const struct mosaic *mosaic)
{
	uint64_t chunks = mosaic->tile * mosaic->tile * 3 / mosaic->chunk_size;
	uint64_t section = chunks * (uint64_t)mosaic->chunk_delay_ms + 1;
	uint64_t long_enough = mosaic->workers * 2 * 10000 / mosaic_total(mosaic);
	uint64_t most = mosaic->workers * 2 * section;

	return (int64_t)(long_enough < most ? long_enough : most);
}

bool plan_is_set(const struct plan *plan)
{
	return plan->freeze_at != PLAN_NEVER || plan->kill_at != PLAN_NEVER ||
		plan->corrupt_at != PLAN_NEVER || plan->impatient > 0;
}

void plan_set(struct plan *plan, struct mosaic *mosaic, enum scenario scenario)
{
	plan->scenario = scenario;
	if (scenario == SCENARIO_FREEZE && plan->freeze_at == PLAN_NEVER)
		plan->freeze_at = FREEZE_AT;
	if (scenario == SCENARIO_CRASH && plan->kill_at == PLAN_NEVER)
		plan->kill_at = KILL_AT;
	if (scenario == SCENARIO_TIMEOUT && plan->impatient == 0)
		plan->impatient = IMPATIENT;
	if (scenario == SCENARIO_CORRUPT && plan->corrupt_at == PLAN_NEVER)
		plan->corrupt_at = CORRUPT_AT;
	if (scenario == SCENARIO_NOLOCK)
		mosaic->mode = MODE_NOLOCK;
	if (mosaic->tile_delay_ms == WHEN_UNSET && scenario != SCENARIO_ALL)
		mosaic->tile_delay_ms =
			mosaic_locked(mosaic) ? TILE_DELAY_MS : nolock_delay_ms(mosaic);
	mosaic->impatient = (mosaic->workers * plan->impatient + 99) / 100;
}
