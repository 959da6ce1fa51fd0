/* See play.h. */
#include "mosaic/play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/mosaic.h"
#include "mosaic/plan.h"
#include "mosaic/run.h"
#include "mosaic/service/private.h"
#include "say.h"

/* Looks for a lock service: before the files of an older mosaic are lost for nothing. The private one
 * of another demo is none, unless it is named. Returns 0; ENOENT if one is to be started; or -1 having
 * said what is wrong. */
static int stage_find(const struct stage *stage, struct mosaic *mosaic)
{
	const char *named = stage->mount ? stage->mount : getenv("LOKT_MOUNT");
	int found;

	if (!mosaic_locked(mosaic))
		return 0;
	found = stage->private ? ENOENT : mount_find_any(&mosaic->mount, stage->mount);
	return found == 0 && !(named && *named) && private_is(&mosaic->mount) ? ENOENT : found;
}

/* Paints under a lock service of its own. */
static int play_private(struct mosaic *mosaic, const struct plan *plan, int keep, bool *seen)
{
	char root[PATH_MAX];
	struct private private;
	int code;

	if (private_start(&private, mosaic->dir, keep, &mosaic->mount) < 0)
		return CODE_ERROR;
	snprintf(root, sizeof(root), "%s", mosaic->mount.root);
	text_clean(root);
	printf("A lock service of the demo's own serves at %s\n", root);
	code = run_mosaic(mosaic, plan, &private, seen);
	fflush(stdout);
	private_stop(&private);
	return code;
}

/* One mosaic, from the empty directory to the verdict. */
static int play_one(
	struct mosaic *mosaic, const struct plan *plan, const struct stage *stage, bool *seen)
{
	int found = stage_find(stage, mosaic), keep, code;

	*seen = false;
	if (found < 0)
		return CODE_ERROR;
	if (plan->corrupt_at != PLAN_NEVER && found != ENOENT) {
		say("the log of a lock service that others may use is not to be damaged: add "
		    "--private");
		return CODE_USAGE;
	}
	keep = mosaic_create(mosaic);
	if (keep < 0)
		return CODE_ERROR;
	code = found == ENOENT ? play_private(mosaic, plan, keep, seen)
			       : run_mosaic(mosaic, plan, NULL, seen);
	close(keep);
	return code;
}

/* Whether a scenario can be played here: the log of a lock service that others may use is not to be
 * damaged. */
static bool scene_fits(enum scenario scenario, const struct stage *stage, struct mosaic *mosaic)
{
	return scenario != SCENARIO_CORRUPT || stage_find(stage, mosaic) == ENOENT;
}

/* One of all the scenarios, in a directory of its own below the mosaic's. */
static int scene_play(enum scenario scenario, const struct mosaic *mosaic, const struct plan *plan,
	const struct stage *stage, bool *seen)
{
	struct mosaic one = *mosaic;
	struct plan plot = *plan;

	plan_set(&plot, &one, scenario);
	if (!mosaic_locked(&one))
		one.two_phase = one.check_token = false;
	if (scenario == SCENARIO_TIMEOUT) /* in two phases nobody waits for long */
		one.two_phase = false;
	snprintf(one.dir, sizeof(one.dir), "%.4000s/%s", mosaic->dir, scenario_word(scenario));
	printf("\n== %s\n", scenario_word(scenario));
	fflush(stdout);
	return play_one(&one, &plot, stage, seen);
}

static int play_all(struct mosaic *mosaic, const struct plan *plan, const struct stage *stage)
{
	bool seen[SCENARIOS] = {false}, fits[SCENARIOS] = {false}, all = true;
	int code, scenario;

	for (scenario = SCENARIO_HAPPY; scenario < SCENARIO_ALL; scenario++) {
		fits[scenario] = scene_fits(scenario, stage, mosaic);
		if (!fits[scenario])
			continue;
		code = scene_play(scenario, mosaic, plan, stage, &seen[scenario]);
		if (code > CODE_ERROR)
			return code; /* stopped */
	}
	putchar('\n');
	for (scenario = SCENARIO_HAPPY; scenario < SCENARIO_ALL; scenario++) {
		printf("%-8s %s\n", scenario_word(scenario),
			!fits[scenario]          ? "not played: that takes --private"
				: seen[scenario] ? "as it should be"
						 : "NOT as it should be");
		all &= seen[scenario] || !fits[scenario];
	}
	return all ? CODE_OK : CODE_ERROR;
}

int play(struct mosaic *mosaic, struct plan *plan, const struct stage *stage)
{
	bool seen;
	int code;

	closefrom(STDERR_FILENO + 1); /* one of them may be the very lock: see EDEADLK */
	mosaic->places = order_lay(mosaic->order, mosaic->gx, mosaic->gy);
	if (!mosaic->places) {
		say("%s", strerror(ENOMEM));
		return CODE_ERROR;
	}
	if (plan->scenario == SCENARIO_ALL)
		code = play_all(mosaic, plan, stage);
	else
		code = play_one(mosaic, plan, stage, &seen);
	free(mosaic->places);
	return say_end(code);
}
