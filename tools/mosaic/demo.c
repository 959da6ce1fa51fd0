/* lokt demo mosaic: the options of the demo. */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "mosaic/mosaic.h"
#include "mosaic/picture.h"
#include "mosaic/run.h"
#include "mosaic/verify.h"
#include "name.h"
#include "say.h"

#define PICTURE_LIMIT (1ULL << 30) /* bytes */

/* The flags that become something else than what they are written as. */
struct wish {
	const char *grid, *mode, *mount, *dir, *verify;
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
	.ttl_ms = 2000,
	.timeout_ms = 2000,
	.tile_delay_ms = 120,
	.chunk_size = 256,
	.chunk_delay_ms = 3};
static struct wish wish = {.grid = "64x36", .mode = "lokt"};

static const struct flag flags[] = {
	{"name", FLAG_TEXT, &mosaic.name, "NAME", "the lock (mosaic)"},
	{"grid", FLAG_TEXT, &wish.grid, "XxY", "tiles across and down (64x36)"},
	{"tile", FLAG_NUMBER, &mosaic.tile, "N", "edge of a tile in the picture, in pixels (16)", 1,
		TILE_MAX},
	{"workers", FLAG_NUMBER, &mosaic.workers, "N", "processes (512)", 1, 16384},
	{"ttl", FLAG_LIMIT, &mosaic.ttl_ms, "DUR", "of every hold (2s)", 1},
	{"wait", FLAG_ON, &wish.wait, NULL, "wait for the lock (it does anyway)"},
	{"timeout", FLAG_LIMIT, &mosaic.timeout_ms, "DUR",
		"give up one wait after DUR and try again (2s)"},
	{"fps", FLAG_NUMBER, &mosaic.fps, "N", "frames a second (20)", 1, 60},
	{"tile-delay", FLAG_TIME, &mosaic.tile_delay_ms, "DUR",
		"rest before a tile, at random up to DUR (120ms)"},
	{"chunk-size", FLAG_NUMBER, &mosaic.chunk_size, "N",
		"paint N bytes of a tile at a time (256)", 1, 1 << 20},
	{"chunk-delay", FLAG_TIME, &mosaic.chunk_delay_ms, "DUR",
		"rest between two of those, under the lock (3ms)"},
	{"seed", FLAG_NUMBER, &mosaic.seed, "N", "the same seed, the same picture (1337)"},
	{"mode", FLAG_TEXT, &wish.mode, "MODE",
		"lokt, or nolock: the same without the lock, which fails"},
	FLAG_MOUNT(&wish.mount),
	{"dir", FLAG_TEXT, &wish.dir, "DIR",
		"where to paint ($LOKT_ROOT/demo/mosaic, or .lokt/demo/mosaic)"},
	{"verify", FLAG_TEXT, &wish.verify, "DIR", "only check the mosaic in DIR"},
};

/* Turns the wishes into the mosaic. Returns CODE_OK, or the code to exit with having said why. */
static int wish_apply(const struct args *args)
{
	uint64_t bytes;

	if (args->noperands > 0)
		return args_refuse(args, "there is nothing to do with '%s'", args->operands[0]);
	if (wish.verify)
		return CODE_OK;
	if (!grid_parse(&mosaic, wish.grid))
		return args_refuse(args, "--grid takes two numbers from 1 to %d as 64x36, not '%s'",
			GRID_MAX, wish.grid);
	bytes = mosaic_total(&mosaic) * mosaic.tile * mosaic.tile * 3;
	if (bytes > PICTURE_LIMIT)
		return args_refuse(args,
			"a picture of %s tiles with an edge of %" PRIu64 " is over 1 GiB",
			wish.grid, mosaic.tile);
	if (strcmp(wish.mode, "lokt") != 0 && strcmp(wish.mode, "nolock") != 0)
		return args_refuse(args, "--mode is lokt or nolock, not '%s'", wish.mode);
	if (!name_check(mosaic.name))
		return CODE_USAGE;
	mosaic.mode = mode_parse(wish.mode);
	mosaic.places = order_lay(mosaic.order, mosaic.gx, mosaic.gy);
	dir_choose(&mosaic, wish.dir);
	if (mosaic_locked(&mosaic) && mount_find(&mosaic.mount, wish.mount) < 0)
		return CODE_ERROR;
	return CODE_OK;
}

static int mosaic_main(int argc, char **argv)
{
	struct args args = {.command = "demo mosaic",
		.synopsis = "[flags]",
		.about = "Many processes paint one picture, tile by tile, each under the\n"
			 "lock and through the mount alone; at the end it is proved that\n"
			 "every tile is there once. Exit: 0 it is, 1 it is not, 130 stopped.\n"
			 "Keys: f freeze, u unfreeze, k kill the holder, q quit.\n",
		.flags = flags,
		.nflags = sizeof(flags) / sizeof(flags[0])};
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	code = wish_apply(&args);
	if (code != CODE_OK)
		return code;
	return wish.verify ? verify_print(wish.verify) : run_mosaic(&mosaic);
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
