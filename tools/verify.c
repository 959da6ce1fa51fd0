/* See verify.h. */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "json.h"
#include "lines.h"
#include "mount.h"
#include "refusal.h"
#include "say.h"

/* A log while it is read. */
struct verify {
	const struct mount *mount;
	const char *file; /* NULL: the log of the mount */
	const char *what; /* what to call it */
	bool json;
	uint64_t lines, first, last; /* how many, and their numbers; 0 where they have none */
	char prev[CHAIN_HASH], h[CHAIN_HASH]; /* of the first line, and of the last */
	uint64_t tail;           /* where the mount said that the log ends, before it was read */
	char tail_h[CHAIN_HASH]; /* and the hash of that line */
	bool tail_seen;
	char wrong[256]; /* what is wrong with the line after `lines`; "" if nothing is */
	bool whole;      /* not with that line, but with all of it */
};

static bool verify_wrong(struct verify *verify, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool verify_wrong(struct verify *verify, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verify->wrong, sizeof(verify->wrong), format, args);
	va_end(args);
	return false;
}

/* Checks one line against itself and the one before it. */
static bool line_check(struct verify *verify, const char *line, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char prev[CHAIN_HASH], h[CHAIN_HASH];
	uint64_t seq = 0;
	bool sound = chain_check(line, len, prev, h);

	if (!*h)
		return verify_wrong(verify, "it does not end with its hash");
	if (strcmp(prev, CHAIN_FIRST) != 0 &&
		(strlen(prev) != CHAIN_HASH - 1 || strspn(prev, hex) != CHAIN_HASH - 1))
		return verify_wrong(verify, "it does not name the hash of the line before");
	if (!sound)
		return verify_wrong(verify, "it was changed: its hash is not its own");
	json_u64(line, "seq", &seq);
	if (verify->lines && strcmp(prev, verify->h) != 0)
		return verify_wrong(verify,
			"it does not follow the line before: something is "
			"missing, or was put there");
	if (verify->lines && seq != (verify->last ? verify->last + 1 : 0))
		return verify_wrong(
			verify, "its seq is %" PRIu64 " after %" PRIu64, seq, verify->last);
	if (seq == verify->tail && seq) {
		if (strcmp(h, verify->tail_h) != 0)
			return verify_wrong(verify, "the mount's status has another hash for it");
		verify->tail_seen = true;
	}
	if (verify->lines++ == 0) {
		verify->first = seq;
		strcpy(verify->prev, prev);
	}
	verify->last = seq;
	strcpy(verify->h, h);
	return true;
}

/* What a head may be: the first line of all, or one of a log whose beginning was dropped, which the
 * mount does at a checkpoint. */
static bool head_check(struct verify *verify, const char *line)
{
	bool genesis = strcmp(verify->prev, CHAIN_FIRST) == 0;

	if (verify->lines == 1 && verify->first && genesis != (verify->first == 1)) {
		verify->lines = 0;
		return verify_wrong(verify, "its seq is %" PRIu64 ", and what it follows is %s",
			verify->first, genesis ? "nothing" : "a line before it");
	}
	if (verify->lines == 1 && !verify->file && !strstr(line, "\"event\":\"checkpoint\"")) {
		verify->lines = 0;
		return verify_wrong(verify, "what came before it is missing");
	}
	return true;
}

/* Reads on to the end or the first wrong line. Returns 0 or an errno. */
static int lines_check(struct verify *verify, int fd)
{
	struct lines lines;
	char *line;
	size_t len;
	int more;

	lines_init(&lines, fd);
	while ((more = lines_next(&lines, &line, &len)) > 0)
		if (!line_check(verify, line, len) || !head_check(verify, line))
			break;
	more = more < 0 ? errno : 0;
	if (!more && !*verify->wrong && lines_left(&lines) > 0)
		verify_wrong(verify, "it has no end");
	lines_finish(&lines);
	return more;
}

/* Asks the mount where its log ends by now. Returns 0 or an errno. */
static int tail_ask(struct verify *verify)
{
	cJSON *status = mount_status(verify->mount, NULL);
	const cJSON *log = json_object(status, "log");

	if (!status)
		return errno;
	verify->tail = (uint64_t)json_int(log, "seq", 0);
	snprintf(verify->tail_h, sizeof(verify->tail_h), "%s", json_text(log, "h"));
	cJSON_Delete(status);
	return 0;
}

/* Opens what is to be checked. Returns 0, or an errno having said what is wrong. */
static int verify_open(struct verify *verify, int *fd)
{
	char path[PATH_MAX];
	int err = 0;

	*fd = -1;
	if (verify->file && strcmp(verify->file, "-") == 0) {
		*fd = STDIN_FILENO;
		verify->what = "standard input";
	} else if (verify->file) {
		*fd = open(verify->file, O_RDONLY | O_CLOEXEC);
		err = *fd < 0 ? errno : 0;
		if (err)
			say("%s: %s", verify->file, strerror(err));
	} else {
		err = tail_ask(verify);
		if (err == 0)
			err = mount_path(verify->mount, "", "audit.jsonl", path);
		if (err == 0 && (*fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			err = errno;
		if (err)
			refusal_say(verify->mount, DEED_READ, "audit", err, 0);
	}
	return err;
}

static void verify_print(const struct verify *verify)
{
	if (verify->json && *verify->wrong)
		printf("{\"intact\":false,\"line\":%" PRIu64 ",\"reason\":\"%s\"}\n",
			verify->lines + 1, verify->wrong);
	else if (verify->json)
		printf("{\"intact\":true,\"lines\":%" PRIu64 ",\"first_seq\":%" PRIu64
		       ",\"last_seq\":%" PRIu64 ",\"prev\":\"%s\",\"h\":\"%s\"}\n",
			verify->lines, verify->first, verify->last, verify->prev, verify->h);
	if (verify->whole)
		say("%s: %s", verify->what, verify->wrong);
	else if (*verify->wrong)
		say("%s: line %" PRIu64 ": %s", verify->what, verify->lines + 1, verify->wrong);
	else if (!verify->json && verify->first)
		printf("intact: %" PRIu64 " lines, seq %" PRIu64 " to %" PRIu64 "%s\n",
			verify->lines, verify->first, verify->last,
			verify->first == 1 ? "" : " (what came before is not kept)");
	else if (!verify->json)
		printf("intact: %" PRIu64 " lines\n", verify->lines);
}

int verify_log(const struct mount *mount, const char *file, bool json)
{
	struct verify verify = {.mount = mount, .file = file, .what = file ? file : "the log"};
	int fd, err;

	verify.json = json;
	if (verify_open(&verify, &fd) != 0)
		return CODE_ERROR;
	err = lines_check(&verify, fd);
	close(fd);
	if (err) {
		say("%s: %s", verify.what, strerror(err));
		return CODE_ERROR;
	}
	verify.whole = !*verify.wrong;
	if (verify.whole && verify.lines == 0)
		verify_wrong(&verify, "there are no lines");
	else if (verify.whole && verify.tail && !verify.tail_seen)
		verify_wrong(&verify, "it ends before seq %" PRIu64 ", which status.json has",
			verify.tail);
	verify.whole = verify.whole && *verify.wrong;
	verify_print(&verify);
	return *verify.wrong ? CODE_ERROR : CODE_OK;
}
