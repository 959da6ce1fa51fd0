/* See verify.h. */
#include "mosaic/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "json.h"
#include "lines.h"
#include "mosaic/colour.h"
#include "mosaic/mosaic.h"
#include "mosaic/picture.h"
#include "say.h"

/* What has to hold, in the order in which it is reported. */
enum invariant {
	INVARIANT_PARSE,
	INVARIANT_COUNT,
	INVARIANT_ONCE,
	INVARIANT_GAPS,
	INVARIANT_ORDER,
	INVARIANT_CHAIN,
	INVARIANT_TILE,
	INVARIANT_TOKEN,
	INVARIANT_NEXT,
	INVARIANT_PICTURE,
	INVARIANTS
};

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
	[INVARIANT_PICTURE] = "every tile of the picture is whole",
};

struct fault {
	uint64_t count;
	char first[200];
};

struct verify {
	struct mosaic mosaic;
	uint64_t total, lines;
	uint64_t *line_of; /* by tile: the first line that has it; 0: none; owned */
	bool any;          /* a line before this one had an index */
	uint64_t last_i, last_token;
	char last_h[CHAIN_HASH];
	struct fault faults[INVARIANTS];
};

static void fault_add(struct verify *verify, enum invariant invariant, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fault_add(struct verify *verify, enum invariant invariant, const char *format, ...)
{
	struct fault *fault = &verify->faults[invariant];
	va_list args;

	if (fault->count++)
		return;
	va_start(args, format);
	vsnprintf(fault->first, sizeof(fault->first), format, args);
	va_end(args);
}

static bool number_is(const cJSON *entry, const char *key, uint64_t number)
{
	return json_int(entry, key, -1) == (int64_t)number;
}

/* Whether the line has every member of a ledger's line, each of its type. */
static bool entry_whole(const cJSON *entry)
{
	static const char *const texts[] = {"owner", "ts", "prev", "h"};
	static const char *const numbers[] = {"i", "x", "y", "pid", "token"};
	const cJSON *rgb = cJSON_GetObjectItemCaseSensitive(entry, "rgb");

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!cJSON_IsString(cJSON_GetObjectItemCaseSensitive(entry, texts[i])))
			return false;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (json_int(entry, numbers[i], -1) < 0)
			return false;
	return cJSON_IsArray(rgb) && cJSON_GetArraySize(rgb) == 3;
}

static void chain_judge(struct verify *verify, const char *line, size_t len)
{
	char prev[CHAIN_HASH], h[CHAIN_HASH];

	if (!chain_check(line, len, prev, h))
		fault_add(verify, INVARIANT_CHAIN,
			"line %" PRIu64 ": h is not the hash of the line", verify->lines);
	else if (strcmp(prev, verify->last_h) != 0)
		fault_add(verify, INVARIANT_CHAIN,
			"line %" PRIu64 ": prev is not the h of the line before", verify->lines);
	memcpy(verify->last_h, h, sizeof(h));
}

static void tile_judge(struct verify *verify, const cJSON *entry, uint64_t i)
{
	const cJSON *rgb = cJSON_GetObjectItemCaseSensitive(entry, "rgb");
	uint8_t want[3];
	uint64_t gx = verify->mosaic.gx, place = verify->mosaic.places[i];
	bool fits = number_is(entry, "x", place % gx) && number_is(entry, "y", place / gx);

	colour_of(want, i, verify->mosaic.seed);
	for (int channel = 0; channel < 3; channel++) {
		const cJSON *item = cJSON_GetArrayItem(rgb, channel);

		fits = fits && cJSON_IsNumber(item) && item->valuedouble == want[channel];
	}
	if (!fits)
		fault_add(verify, INVARIANT_TILE, "line %" PRIu64 ", tile %" PRIu64, verify->lines,
			i);
}

static void index_judge(struct verify *verify, uint64_t i)
{
	if (verify->any && i <= verify->last_i)
		fault_add(verify, INVARIANT_ORDER,
			"line %" PRIu64 ": tile %" PRIu64 " comes after tile %" PRIu64,
			verify->lines, i, verify->last_i);
	verify->any = true;
	verify->last_i = i;
	if (i >= verify->total) {
		fault_add(verify, INVARIANT_TILE, "line %" PRIu64 ": there is no tile %" PRIu64,
			verify->lines, i);
		return;
	}
	if (verify->line_of[i])
		fault_add(verify, INVARIANT_ONCE,
			"tile %" PRIu64 " is in line %" PRIu64 " and again in line %" PRIu64, i,
			verify->line_of[i], verify->lines);
	else
		verify->line_of[i] = verify->lines;
}

static void line_judge(struct verify *verify, const char *line, size_t len)
{
	cJSON *entry = strlen(line) == len ? json_parse(line) : NULL;
	uint64_t i = 0, token = 0;

	verify->lines++;
	chain_judge(verify, line, len);
	if (!entry || !entry_whole(entry) || !json_u64(line, "i", &i) ||
		!json_u64(line, "token", &token)) {
		fault_add(verify, INVARIANT_PARSE, "line %" PRIu64, verify->lines);
		cJSON_Delete(entry);
		return;
	}
	index_judge(verify, i);
	if (i < verify->total)
		tile_judge(verify, entry, i);
	if (mosaic_locked(&verify->mosaic) && token <= verify->last_token)
		fault_add(verify, INVARIANT_TOKEN,
			"line %" PRIu64 ": token %" PRIu64 " comes after token %" PRIu64,
			verify->lines, token, verify->last_token);
	verify->last_token = token;
	cJSON_Delete(entry);
}

/* Reads the whole ledger. Returns 0 or an errno. */
static int ledger_judge(struct verify *verify)
{
	int fd = mosaic_open(verify->mosaic.dir, MOSAIC_LEDGER, O_RDONLY), more;
	struct lines lines;
	char *line;
	size_t len;

	if (fd < 0)
		return errno;
	lines_init(&lines, fd);
	while ((more = lines_next(&lines, &line, &len)) > 0)
		line_judge(verify, line, len);
	more = more < 0 ? errno : 0;
	if (lines_left(&lines))
		fault_add(
			verify, INVARIANT_PARSE, "line %" PRIu64 " is cut off", verify->lines + 1);
	lines_finish(&lines);
	close(fd);
	return more;
}

/* What can be said once all lines were seen. */
static void whole_judge(struct verify *verify)
{
	if (verify->lines != verify->total)
		fault_add(verify, INVARIANT_COUNT, "%" PRIu64 " lines for %" PRIu64 " tiles",
			verify->lines, verify->total);
	for (uint64_t i = 0; i < verify->total; i++)
		if (!verify->line_of[i])
			fault_add(verify, INVARIANT_GAPS, "tile %" PRIu64, i);
}

/* The files beside the ledger: judged if they are there, for the ledger is the truth. */
static void others_judge(struct verify *verify)
{
	char path[PATH_MAX], *text;
	uint64_t torn = 0, first;
	int fd = mosaic_open(verify->mosaic.dir, MOSAIC_PICTURE, O_RDONLY);

	snprintf(path, sizeof(path), "%.4000s/" MOSAIC_NEXT, verify->mosaic.dir);
	text = json_slurp(path);
	if (text && strtoull(text, NULL, 10) != verify->total)
		fault_add(verify, INVARIANT_NEXT, "it says %llu, not %" PRIu64,
			strtoull(text, NULL, 10), verify->total);
	free(text);
	if (fd < 0)
		return;
	first = picture_check(&verify->mosaic, fd, &torn);
	if (first == UINT64_MAX)
		fault_add(verify, INVARIANT_PICTURE, "it is not a whole picture of this mosaic");
	else if (first < verify->total)
		fault_add(verify, INVARIANT_PICTURE, "tile %" PRIu64, first);
	if (torn > 1)
		verify->faults[INVARIANT_PICTURE].count = torn;
	close(fd);
}

static void failure_print(const struct verify *verify, bool colour)
{
	printf(colour ? "\n\033[1;97;41m  F A I L E D  \033[0m\n\n" : "FAILED\n");
	for (int i = 0; i < INVARIANTS; i++) {
		const struct fault *fault = &verify->faults[i];

		if (!fault->count)
			continue;
		printf("  %s%-34s%s %s", colour ? "\033[31m" : "", titles[i],
			colour ? "\033[0m" : "", fault->first);
		if (fault->count > 1)
			printf(" (and %" PRIu64 " more)", fault->count - 1);
		putchar('\n');
	}
}

static int verdict_print(const struct verify *verify)
{
	bool colour = say_colour(stdout), failed = false;

	for (int i = 0; i < INVARIANTS; i++)
		failed = failed || verify->faults[i].count > 0;
	if (failed)
		failure_print(verify, colour);
	else
		printf("%sVERIFIED%s  %" PRIu64
		       " tiles, each once and in order; the chain holds, to "
		       "%.12s\n",
			colour ? "\033[1;97;42m " : "", colour ? " \033[0m" : "", verify->total,
			verify->last_h);
	return failed ? CODE_ERROR : CODE_OK;
}

int verify_print(const char *dir)
{
	struct verify verify = {.last_h = CHAIN_FIRST};
	int code = CODE_ERROR, err;

	if (mosaic_load(&verify.mosaic, dir) < 0)
		return CODE_ERROR;
	verify.total = mosaic_total(&verify.mosaic);
	verify.line_of = calloc(verify.total, sizeof(verify.line_of[0]));
	err = verify.line_of ? ledger_judge(&verify) : ENOMEM;
	if (err) {
		say("%s: %s", dir, strerror(err));
	} else {
		whole_judge(&verify);
		others_judge(&verify);
		code = verdict_print(&verify);
	}
	free(verify.line_of);
	free(verify.mosaic.places);
	return code;
}
