/* See verify.h. */
#include "mosaic/verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lines.h"
#include "mosaic/colour.h"
#include "mosaic/mosaic.h"
#include "mosaic/verify/canvas.h"
#include "mosaic/verify/entry.h"
#include "say.h"

#define STATE_MAX 4096 /* bytes; the demo writes some 300 */

struct verify {
	struct mosaic mosaic;
	struct verdict *verdict;
	uint64_t total, lines;
	uint64_t *line_of; /* by tile: the first line that has it; 0: none; owned */
	bool any;          /* a line before this one had an index */
	uint64_t last_i;
	uint64_t token; /* the highest so far */
};

/* Opens a file of the mosaic, which may be anything by now: never waits for a fifo's other end.
 * Returns a descriptor, or -1 with the reason in words. */
static int file_open(const char *dir, const char *file, const char **reason)
{
	int fd = mosaic_open(dir, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	*reason = strerror(errno);
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	*reason = "not a regular file";
	close(fd);
	return -1;
}

static void chain_judge(struct verify *verify, const char *line, size_t len, uint64_t tile)
{
	char prev[CHAIN_HASH], h[CHAIN_HASH];

	if (!chain_check(line, len, prev, h))
		verdict_break(verify->verdict, INVARIANT_CHAIN, tile,
			"line %" PRIu64 ": h is not the hash of the line", verify->lines);
	else if (strcmp(prev, verify->verdict->h) != 0)
		verdict_break(verify->verdict, INVARIANT_CHAIN, tile,
			"line %" PRIu64 ": prev is not the h of the line before", verify->lines);
	memcpy(verify->verdict->h, h, sizeof(h));
}

static void tile_judge(struct verify *verify, const struct entry *entry)
{
	uint64_t gx = verify->mosaic.gx, place;
	uint8_t want[3];

	if (entry->i >= verify->total) {
		verdict_break(verify->verdict, INVARIANT_TILE, entry->i,
			"line %" PRIu64 ": there is no tile %" PRIu64, verify->lines, entry->i);
		return;
	}
	place = verify->mosaic.places[entry->i];
	colour_of(want, entry->i, verify->mosaic.seed);
	if (entry->x != place % gx || entry->y != place / gx)
		verdict_break(verify->verdict, INVARIANT_TILE, entry->i,
			"line %" PRIu64 ": the place of tile %" PRIu64 " is %" PRIu64 ",%" PRIu64,
			verify->lines, entry->i, place % gx, place / gx);
	else if (entry->rgb[0] != want[0] || entry->rgb[1] != want[1] || entry->rgb[2] != want[2])
		verdict_break(verify->verdict, INVARIANT_TILE, entry->i,
			"line %" PRIu64 ": the colour of tile %" PRIu64 " is [%u,%u,%u]",
			verify->lines, entry->i, want[0], want[1], want[2]);
}

static void index_judge(struct verify *verify, uint64_t i)
{
	if (verify->verdict->ordered && verify->any && i <= verify->last_i)
		verdict_break(verify->verdict, INVARIANT_ORDER, i,
			"line %" PRIu64 ": tile %" PRIu64 " comes after tile %" PRIu64,
			verify->lines, i, verify->last_i);
	verify->any = true;
	verify->last_i = i;
	if (i >= verify->total)
		return;
	if (verify->line_of[i])
		verdict_break(verify->verdict, INVARIANT_ONCE, i,
			"tile %" PRIu64 " is in line %" PRIu64 " and again in line %" PRIu64, i,
			verify->line_of[i], verify->lines);
	else
		verify->line_of[i] = verify->lines;
}

/* A line without a lock has token 0; no hold has. */
static void token_judge(struct verify *verify, const struct entry *entry)
{
	bool locked = mosaic_locked(&verify->mosaic);

	if (!locked && entry->token > 0)
		verdict_break(verify->verdict, INVARIANT_TOKEN, entry->i,
			"line %" PRIu64 ": token %" PRIu64 ", where there is no lock",
			verify->lines, entry->token);
	else if (locked && entry->token <= verify->token)
		verdict_break(verify->verdict, INVARIANT_TOKEN, entry->i,
			"line %" PRIu64 ": token %" PRIu64 " comes after token %" PRIu64,
			verify->lines, entry->token, verify->token);
	else
		verify->token = entry->token;
}

static void line_judge(struct verify *verify, const char *line, size_t len)
{
	struct entry entry;
	const char *wrong = entry_parse(&entry, line, len);

	verify->lines++;
	chain_judge(verify, line, len, wrong ? VERDICT_NO_TILE : entry.i);
	if (wrong) {
		verdict_break(verify->verdict, INVARIANT_PARSE, VERDICT_NO_TILE,
			"line %" PRIu64 " is not a ledger's from \"%s\" on", verify->lines, wrong);
		return;
	}
	index_judge(verify, entry.i);
	tile_judge(verify, &entry);
	token_judge(verify, &entry);
}

static void ledger_judge(struct verify *verify)
{
	const char *reason;
	int fd = file_open(verify->mosaic.dir, MOSAIC_LEDGER, &reason), more;
	struct lines lines;
	char *line;
	size_t len;

	if (fd < 0) {
		verdict_break(verify->verdict, INVARIANT_PARSE, VERDICT_NO_TILE,
			MOSAIC_LEDGER ": %s", reason);
		return;
	}
	lines_init(&lines, fd);
	while ((more = lines_next(&lines, &line, &len)) > 0)
		line_judge(verify, line, len);
	if (more < 0)
		verdict_break(verify->verdict, INVARIANT_PARSE, VERDICT_NO_TILE,
			"line %" PRIu64 " cannot be read: %s", verify->lines + 1, strerror(errno));
	else if (lines_left(&lines))
		verdict_break(verify->verdict, INVARIANT_PARSE, VERDICT_NO_TILE,
			"line %" PRIu64 " is cut off", verify->lines + 1);
	lines_finish(&lines);
	close(fd);
}

/* What can be said once all lines were seen. */
static void whole_judge(struct verify *verify)
{
	if (verify->lines != verify->total)
		verdict_break(verify->verdict, INVARIANT_COUNT, VERDICT_NO_TILE,
			"%" PRIu64 " lines for %" PRIu64 " tiles", verify->lines, verify->total);
	for (uint64_t i = 0; i < verify->total; i++)
		if (!verify->line_of[i])
			verdict_break(verify->verdict, INVARIANT_GAPS, i,
				"tile %" PRIu64 " is not there", i);
}

static void next_judge(struct verify *verify)
{
	const char *reason;
	int fd = file_open(verify->mosaic.dir, MOSAIC_NEXT, &reason);
	char text[32] = "", *end;
	uint64_t number;
	ssize_t n;

	if (fd < 0) {
		verdict_break(verify->verdict, INVARIANT_NEXT, VERDICT_NO_TILE, "%s", reason);
		return;
	}
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	errno = 0;
	number = strtoumax(text, &end, 10);
	if (n < 2 || errno || strspn(text, "0123456789") != (size_t)n - 1 || strcmp(end, "\n") != 0)
		verdict_break(verify->verdict, INVARIANT_NEXT, VERDICT_NO_TILE,
			"it is not one number and a newline");
	else if (number != verify->total)
		verdict_break(verify->verdict, INVARIANT_NEXT,
			number < verify->total ? number : VERDICT_NO_TILE,
			"it says %" PRIu64 ", not %" PRIu64, number, verify->total);
}

static void picture_judge(struct verify *verify)
{
	const char *reason;
	int fd = file_open(verify->mosaic.dir, MOSAIC_PICTURE, &reason), err;

	if (fd < 0) {
		verdict_break(verify->verdict, INVARIANT_PICTURE, 0, "%s", reason);
		return;
	}
	err = canvas_judge(&verify->mosaic, fd, verify->verdict);
	if (err)
		verdict_break(verify->verdict, INVARIANT_PICTURE, VERDICT_NO_TILE,
			"it cannot be judged: %s", strerror(err));
	close(fd);
}

/* What is to be painted. Returns 0, or -1 having said why that cannot be told. */
static int state_load(struct mosaic *mosaic, const char *dir)
{
	char text[STATE_MAX];
	const char *reason;
	int fd = file_open(dir, MOSAIC_STATE, &reason);
	ssize_t n;

	if (fd < 0) {
		say("there is no mosaic in %s: %s: %s", dir, MOSAIC_STATE, reason);
		return -1;
	}
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n >= 0 && n < STATE_MAX && !memchr(text, '\0', (size_t)n))
		return mosaic_load(mosaic, dir);
	say("%s/%s is no text, or too long: it is damaged", dir, MOSAIC_STATE);
	return -1;
}

int verify_mosaic(const char *dir, struct verdict *verdict)
{
	struct verify verify = {.verdict = verdict};
	int result = -1;

	if (state_load(&verify.mosaic, dir) < 0)
		return -1;
	verify.total = mosaic_total(&verify.mosaic);
	verify.line_of = calloc(verify.total, sizeof(verify.line_of[0]));
	*verdict = (struct verdict){.total = verify.total,
		.ordered = !verify.mosaic.two_phase,
		.tile = VERDICT_NO_TILE,
		.h = CHAIN_FIRST};
	if (verify.line_of) {
		ledger_judge(&verify);
		whole_judge(&verify);
		next_judge(&verify);
		picture_judge(&verify);
		result = 0;
	} else {
		say("%s: %s", dir, strerror(ENOMEM));
	}
	free(verify.mosaic.places);
	free(verify.line_of);
	return result;
}

int verify_print(const char *dir)
{
	struct verdict verdict;

	if (mosaic_is_busy(dir)) {
		say("%s is still being painted: verify it when that is done", dir);
		return CODE_ERROR;
	}
	if (verify_mosaic(dir, &verdict) < 0)
		return CODE_ERROR;
	verdict_print(&verdict);
	return verdict_broken(&verdict) ? CODE_ERROR : CODE_OK;
}
