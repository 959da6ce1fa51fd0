/* lokt demo mosaic: the options of the demo. */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "mosaic/mosaic.h"
#include "mosaic/paint/picture.h"
#include "mosaic/plan.h"
#include "mosaic/play.h"
#include "mosaic/verify/verify.h"
#include "name.h"
#include "say.h"
#include "when.h"

#define FREEZE_MS 10000
#define NAME_ROOM 110              /* what a name may have, for ".tile-<index>" behind it */
#define PICTURE_LIMIT (1ULL << 30) /* bytes */

/* The flags that become something else than what they are written as. */
struct wish {
	const char *grid, *mode, *order, *scenario, *dir, *verify, *view;
	struct stage stage;
	bool wait;
};

/* "64x36" */
static bool grid_parse(struct mosaic *out, const char *text)
{
	char rest;

	return strspn(text, "0123456789x") == strlen(text) &&
		sscanf(text, "%4" SCNu64 "x%4" SCNu64 "%c", &out->gx, &out->gy, &rest) == 2 &&
		out->gx - 1 < GRID_MAX && out->gy - 1 < GRID_MAX;
}

static void dir_choose(struct mosaic *out, const char *flag)
{
	const char *root = getenv("LOKT_ROOT");

	if (flag)
		snprintf(out->dir, sizeof(out->dir), "%s", flag);
	else
		snprintf(out->dir, sizeof(out->dir), "%s/demo/mosaic",
			root && *root ? root : ".lokt");
}

/* What the flags say; the defaults are the seed document's. */
static struct mosaic mosaic = {.name = "mosaic",
	.tile = 16,
	.workers = 512,
	.fps = 20,
	.seed = 1337,
	.ttl_ms = WHEN_UNSET,
	.timeout_ms = 2000,
	.tile_delay_ms = WHEN_UNSET,
	.chunk_size = 256,
	.chunk_delay_ms = 3};
static struct plan plan = {.freeze_at = PLAN_NEVER,
	.kill_at = PLAN_NEVER,
	.corrupt_at = PLAN_NEVER,
	.freeze_ms = FREEZE_MS};
static struct wish wish = {.grid = "64x36", .mode = "lokt", .order = "scanline", .view = "ledger"};

static const struct flag flags[] = {
	{"scenario", FLAG_TEXT, &wish.scenario, "SCENARIO",
		"happy, freeze, crash, timeout, nolock, corrupt or all"},
	{"grid", FLAG_TEXT, &wish.grid, "XxY", "tiles across and down (64x36)"},
	{"workers", FLAG_NUMBER, &mosaic.workers, "N", "processes (512)", 1, 16384},
	{"order", FLAG_TEXT, &wish.order, "ORDER", "scanline, hilbert or spiral"},
	{"mode", FLAG_TEXT, &wish.mode, "MODE",
		"lokt, nolock (no lock at all) or broken (a TTL that is too short)"},
	{"check-token", FLAG_ON, &mosaic.check_token, NULL,
		"the files refuse whoever comes with an older fencing token"},
	{"two-phase", FLAG_ON, &mosaic.two_phase, NULL,
		"claim a tile, paint it while others paint theirs, commit it"},
	{"name", FLAG_TEXT, &mosaic.name, "NAME", "the lock (mosaic)"},
	{"ttl", FLAG_LIMIT, &mosaic.ttl_ms, "DUR", "of every hold (2s; broken: 100ms)", 1},
	{"wait", FLAG_ON, &wish.wait, NULL, "wait for the lock (it does anyway)"},
	{"timeout", FLAG_LIMIT, &mosaic.timeout_ms, "DUR",
		"give up one wait after DUR and try again (2s)"},
	{"impatient", FLAG_PERCENT, &plan.impatient, "P%",
		"of the workers, so many give up after 100ms"},
	{"freeze-at", FLAG_PERCENT, &plan.freeze_at, "P%",
		"freeze the lock when so much is painted"},
	{"freeze-for", FLAG_TIME, &plan.freeze_ms, "DUR", "and the key f: for so long (10s)", 1},
	{"kill-at", FLAG_PERCENT, &plan.kill_at, "P%", "kill the holder when so much is painted"},
	{"corrupt-at", FLAG_PERCENT, &plan.corrupt_at, "P%",
		"kill the lock service, damage its log, start it again"},
	{"seed", FLAG_NUMBER, &mosaic.seed, "N", "the same seed, the same picture (1337)"},
	{"fps", FLAG_NUMBER, &mosaic.fps, "N", "frames a second (20)", 1, 60},
	{"view", FLAG_TEXT, &wish.view, "VIEW", "show the ledger, or the picture itself as it is"},
	{"tile", FLAG_NUMBER, &mosaic.tile, "N", "edge of a tile in the picture, in pixels (16)", 1,
		TILE_MAX},
	{"tile-delay", FLAG_TIME, &mosaic.tile_delay_ms, "DUR",
		"rest before a tile, at random up to DUR (120ms; nolock: longer)"},
	{"chunk-size", FLAG_NUMBER, &mosaic.chunk_size, "N",
		"paint N bytes of a tile at a time (256)", 1, 1 << 20},
	{"chunk-delay", FLAG_TIME, &mosaic.chunk_delay_ms, "DUR",
		"rest between two of those, under the lock (3ms)"},
	FLAG_MOUNT(&wish.stage.mount),
	{"private", FLAG_ON, &wish.stage.private, NULL,
		"start a lock service of its own, as it does if there is none"},
	{"dir", FLAG_TEXT, &wish.dir, "DIR",
		"where to paint ($LOKT_ROOT/demo/mosaic, or .lokt/demo/mosaic)"},
	{"verify", FLAG_TEXT, &wish.verify, "DIR", "only check the mosaic in DIR"},
};

/* What is painted, and where. CODE_OK, or the code to exit with having said why. */
static int wish_picture(const struct args *args)
{
	if (!grid_parse(&mosaic, wish.grid))
		return args_refuse(args, "--grid takes two numbers from 1 to %d as 64x36, not '%s'",
			GRID_MAX, wish.grid);
	if (mosaic_total(&mosaic) * mosaic.tile * mosaic.tile * 3 > PICTURE_LIMIT)
		return args_refuse(args,
			"a picture of %s tiles with an edge of %" PRIu64 " is over 1 GiB",
			wish.grid, mosaic.tile);
	mosaic.order = order_parse(wish.order);
	if (mosaic.order == ORDERS)
		return args_refuse(
			args, "--order is scanline, hilbert or spiral, not '%s'", wish.order);
	mosaic.sample = strcmp(wish.view, "picture") == 0;
	if (!mosaic.sample && strcmp(wish.view, "ledger") != 0)
		return args_refuse(args, "--view is ledger or picture, not '%s'", wish.view);
	dir_choose(&mosaic, wish.dir);
	return CODE_OK;
}

/* What is done to it on the way. */
static int wish_plan(const struct args *args)
{
	enum scenario scenario = SCENARIO_NONE;

	if (wish.scenario)
		scenario = scenario_parse(wish.scenario);
	if (scenario == SCENARIOS)
		return args_refuse(args,
			"--scenario is happy, freeze, crash, timeout, nolock, corrupt or all, not "
			"'%s'",
			wish.scenario);
	plan_set(&plan, &mosaic, scenario);
	return CODE_OK;
}

/* How the workers keep out of each other's way. */
static int wish_mode(const struct args *args)
{
	mosaic.mode = mode_parse(wish.mode);
	if (mosaic.mode == MODES)
		return args_refuse(args, "--mode is lokt, nolock or broken, not '%s'", wish.mode);
	if (mosaic.ttl_ms == WHEN_UNSET)
		mosaic.ttl_ms = mosaic.mode == MODE_BROKEN ? 100 : 2000;
	if (mosaic.mode == MODE_BROKEN && mosaic.ttl_ms == WHEN_NONE)
		return args_refuse(args, "--mode broken needs a TTL that can end");
	return name_check(mosaic.name) ? CODE_OK : CODE_USAGE;
}

/* What does not go together. */
static int wish_clash(const struct args *args)
{
	bool locked = mosaic_locked(&mosaic);

	if (plan.scenario != SCENARIO_NONE && mode_parse(wish.mode) != MODE_LOKT)
		return args_refuse(args, "either --scenario or --mode");
	if (mosaic.check_token && !locked)
		return args_refuse(args, "without a lock there is no --check-token");
	if (mosaic.two_phase && (mosaic.mode != MODE_LOKT || mosaic.check_token))
		return args_refuse(args, "--two-phase is for --mode lokt without --check-token");
	if (mosaic.two_phase && strlen(mosaic.name) > NAME_ROOM)
		return args_refuse(
			args, "--two-phase needs a --name of at most %d characters", NAME_ROOM);
	if (!locked && plan_is_set(&plan))
		return args_refuse(args,
			"without a lock there is nothing to freeze, to kill for or to wait for");
	if (wish.stage.mount && wish.stage.private)
		return args_refuse(args, "either --mount or --private");
	return CODE_OK;
}

/* Turns the wishes into the mosaic. Returns CODE_OK, or the code to exit with having said why. */
static int wish_apply(const struct args *args)
{
	int (*const steps[])(const struct args *) = {
		wish_picture, wish_mode, wish_plan, wish_clash};
	int code = CODE_OK;

	if (args->noperands > 0)
		return args_refuse(args, "there is nothing to do with '%s'", args->operands[0]);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && code == CODE_OK; i++)
		code = steps[i](args);
	return code;
}

static const char about[] =
	"Many processes paint one picture, tile by tile, each under the lock\n"
	"and through the mount alone; at the end it is proved that every tile\n"
	"is there once. Exit: 0 it is, 1 it is not, 128+n stopped by signal n.\n\n"
	"A scenario says at the end what was to be seen, and whether it was.\n"
	"Without a lock the picture fails; so it does with a broken one, unless\n"
	"the files check the fencing token.\n\n"
	"Keys: f freeze, u unfreeze, k kill the holder, v the picture itself,\n"
	"p pause the drawing, ? help, q quit.\n";

static int mosaic_main(int argc, char **argv)
{
	struct args args = {.command = "demo mosaic",
		.synopsis = "[flags]",
		.about = about,
		.flags = flags,
		.nflags = sizeof(flags) / sizeof(flags[0])};
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (wish.verify)
		return verify_print(wish.verify);
	code = wish_apply(&args);
	return code == CODE_OK ? play(&mosaic, &plan, &wish.stage) : code;
}

int demo_main(int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "mosaic") == 0)
		return mosaic_main(argc - 1, argv + 1);
	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
		puts("usage: lokt demo mosaic [flags]\n\n"
		     "The one demo there is: see lokt demo mosaic --help.");
		return CODE_OK;
	}
	if (argc > 0)
		say("there is no demo '%s': only mosaic", argv[0]);
	else
		say("which demo? There is one: lokt demo mosaic");
	return CODE_USAGE;
}
