/* See verdict.h. */
#include "mosaic/verify/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "say.h"

#define RED "\033[41m"
#define WHITE "\033[47;107m" /* brighter where there is a brighter one */
#define PLAIN "\033[0m"

static const char *const titles[INVARIANTS] = {
	[INVARIANT_PARSE] = "every line parses",
	[INVARIANT_COUNT] = "as many lines as tiles",
	[INVARIANT_ONCE] = "no tile twice",
	[INVARIANT_GAPS] = "no tile missing",
	[INVARIANT_ORDER] = "indices strictly increase",
	[INVARIANT_CHAIN] = "the hash chain holds",
	[INVARIANT_TILE] = "place and colour fit the index",
	[INVARIANT_TOKEN] = "fencing tokens strictly increase",
	[INVARIANT_NEXT] = "mosaic.next is at the end",
	[INVARIANT_PICTURE] = "the picture is whole",
};

void verdict_break(
	struct verdict *verdict, enum invariant invariant, uint64_t tile, const char *format, ...)
{
	struct fault *fault = &verdict->faults[invariant];
	va_list args;

	if (tile < verdict->tile)
		verdict->tile = tile;
	if (fault->count++)
		return;
	va_start(args, format);
	vsnprintf(fault->first, sizeof(fault->first), format, args);
	va_end(args);
}

unsigned verdict_broken(const struct verdict *verdict)
{
	unsigned broken = 0;

	for (int i = 0; i < INVARIANTS; i++)
		broken += verdict->faults[i].count > 0;
	return broken;
}

/* FAILED, to be seen from across the room: white letters on a red ground, of spaces alone, so that
 * it needs no font. 60 columns, 30 where there are fewer, nothing where there are fewer still. */
static void banner_print(void)
{
	static const char *const rows[] = {
		"                            ",
		"####  ##  # #    #### ###   ",
		"#    #  # # #    #    #  #  ",
		"###  #### # #    ###  #  #  ",
		"#    #  # # #    #    #  #  ",
		"#    #  # # #### #### ###   ",
		"                            ",
	};
	struct winsize size = {0};
	unsigned columns =
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	int wide = columns >= 60 ? 2 : columns >= 30 ? 1 : 0;

	putchar('\n');
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]) && wide; row++) {
		char last = ' ';

		printf(RED "%*s", 2 * wide, "");
		for (const char *at = rows[row]; *at; last = *at++)
			printf("%s%*s", *at == last ? "" : *at == '#' ? WHITE : RED, wide, "");
		puts(PLAIN);
	}
	putchar('\n');
}

static void faults_print(const struct verdict *verdict, bool colour)
{
	for (int i = 0; i < INVARIANTS; i++) {
		const struct fault *fault = &verdict->faults[i];

		if (!fault->count)
			continue;
		printf("  %s%-32s%s  %s", colour ? "\033[31m" : "", titles[i], colour ? PLAIN : "",
			fault->first);
		if (fault->count > 1)
			printf(" (and %" PRIu64 " more)", fault->count - 1);
		putchar('\n');
	}
}

static void failure_print(const struct verdict *verdict, bool colour)
{
	unsigned holds = INVARIANTS - verdict_broken(verdict);

	if (colour)
		banner_print();
	printf("%sFAILED%s\n", colour ? "\033[1;31m" : "", colour ? PLAIN : "");
	if (verdict->tile != VERDICT_NO_TILE)
		printf("first offending tile: %" PRIu64 "\n", verdict->tile);
	else
		printf("first offending tile: none; all %" PRIu64 " are right, but not the rest\n",
			verdict->total);
	faults_print(verdict, colour);
	if (holds)
		printf("  %sthe other %u hold%s\n", colour ? "\033[2m" : "", holds,
			colour ? PLAIN : "");
}

void verdict_print(const struct verdict *verdict)
{
	bool colour = say_colour(stdout);

	if (verdict_broken(verdict)) {
		failure_print(verdict, colour);
		return;
	}
	printf("%sVERIFIED%s  %" PRIu64 " tiles, each once%s; the chain holds, to %.12s\n",
		colour ? "\033[1;97;42m " : "", colour ? " " PLAIN : "", verdict->total,
		verdict->ordered ? " and in order" : "", verdict->h);
}
