/* See play.h. */
#include "mosaic/play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/mosaic.h"
#include "mosaic/plan.h"
#include "mosaic/private.h"
#include "mosaic/run.h"
#include "say.h"

/* Looks for a lock service: before the files of an older mosaic are lost for nothing. Returns 0;
 * ENOENT if one is to be started; or -1 having said what is wrong. */
static int stage_find(const struct stage *stage, struct mosaic *mosaic)
{
	if (!mosaic_locked(mosaic))
		return 0;
	return stage->private ? ENOENT : mount_find_any(&mosaic->mount, stage->mount);
}

/* Paints under a lock service of its own. */
static int play_private(struct mosaic *mosaic, const struct plan *plan, int keep, bool *seen)
{
	struct private private;
	int code;

	if (private_start(&private, mosaic->dir, keep, &mosaic->mount) < 0)
		return CODE_ERROR;
	printf("A lock service of the demo's own serves at %s\n", mosaic->mount.root);
	code = run_mosaic(mosaic, plan, seen);
	private_tell(&mosaic->mount);
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
	keep = mosaic_create(mosaic);
	if (keep < 0)
		return CODE_ERROR;
	code = found == ENOENT ? play_private(mosaic, plan, keep, seen)
			       : run_mosaic(mosaic, plan, seen);
	close(keep);
	return code;
}

/* Every scenario in a directory of its own, below the mosaic's. */
static int play_all(const struct mosaic *mosaic, const struct plan *plan, const struct stage *stage)
{
	bool seen[SCENARIOS] = {false}, all = true;
	int code = CODE_OK, scenario;

	for (scenario = SCENARIO_HAPPY; scenario < SCENARIO_ALL; scenario++) {
		struct mosaic one = *mosaic;
		struct plan plot = *plan;

		plan_set(&plot, &one, (enum scenario)scenario);
		if (!mosaic_locked(&one))
			one.two_phase = one.check_token = false;
		if (snprintf(one.dir, sizeof(one.dir), "%.4000s/%s", mosaic->dir,
			    scenario_word((enum scenario)scenario)) < 0)
			return CODE_ERROR;
		printf("\n== %s\n", scenario_word((enum scenario)scenario));
		fflush(stdout);
		code = play_one(&one, &plot, stage, &seen[scenario]);
		if (code > CODE_ERROR)
			return code; /* stopped */
	}
	putchar('\n');
	for (scenario = SCENARIO_HAPPY; scenario < SCENARIO_ALL; scenario++) {
		printf("%-8s %s\n", scenario_word((enum scenario)scenario),
			seen[scenario] ? "as it should be" : "NOT as it should be");
		all &= seen[scenario];
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
