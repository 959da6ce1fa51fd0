/* Commands: what is written to the files of the mount, against a second, plainer reading of the rule. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/duration.h"
#include "core/err.h"
#include "fuzz.h"
#include "kernel.h"

#define NO_TTL UINT64_MAX
#define COMMAND_MAX 4000

enum file { FILE_LOCK, FILE_LEASE, FILE_FREEZE, FILE_RENEW, FILES };

/* A duration by a plainer reading: numbers with units, from the largest unit down. False: it is none. */
static bool plain_duration(const char *text, uint64_t *ms)
{
	static const char *const units[] = {"h", "m", "s", "ms"};
	static const uint64_t worth[] = {3600000, 60000, 1000, 1};
	double sum = 0;
	int last = -1;

	*ms = 0;
	do {
		size_t digits = strspn(text, "0123456789"), unit_len;
		double number = strtod(text, NULL);
		int unit = 0;

		if (digits == 0)
			return false;
		text += digits;
		unit_len = strcspn(text, "0123456789");
		if (unit_len == 0 && last < 0) {
			sum = number * 1000;
			break;
		}
		while (unit < 4 &&
			(strlen(units[unit]) != unit_len ||
				memcmp(text, units[unit], unit_len) != 0))
			unit++;
		if (unit == 4 || unit <= last)
			return false;
		sum += number * (double)worth[unit];
		last = unit;
		text += unit_len;
	} while (*text);
	if (sum > (double)DURATION_MAX_MS)
		return false;
	*ms = (uint64_t)sum;
	return true;
}

/* Both readings of a duration agree. */
static void duration_check(const char *data, size_t size)
{
	char text[COMMAND_MAX + 1];
	uint64_t plain, ms = 0;

	if (size > COMMAND_MAX || memchr(data, '\0', size))
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	CHECK((duration_parse(data, size, &ms) == OK) == plain_duration(text, &plain));
	CHECK(ms == plain || ms == 0);
}

/* What the daemon has to say of this command, an errno; `ttl_ms`: what it sets, NO_TTL for none said. */
static int expected(enum file file, const char *data, size_t size, uint64_t *ttl_ms)
{
	char text[COMMAND_MAX + 1], *rest = text;
	size_t len = size > 0 && data[size - 1] == '\n' ? size - 1 : size;

	*ttl_ms = NO_TTL;
	memcpy(text, data, len);
	text[len] = '\0';
	if (file == FILE_RENEW) {
		int err = name_check(text, strcspn(text, " "));

		if (memchr(text, '\0', len))
			return EINVAL;
		if (err != OK)
			return err == ERR_TOO_LONG ? ENAMETOOLONG : EINVAL;
		rest += strcspn(text, " ");
	} else if (file == FILE_LOCK) {
		if (strncmp(text, "renew", 5) != 0)
			return EINVAL;
		rest += 5;
	} else if (len == 0) {
		return 0;
	}
	if (strlen(text) != len)
		return EINVAL;
	if ((file == FILE_LOCK || file == FILE_RENEW) && *rest == '\0')
		return 0;
	if ((file == FILE_LOCK || file == FILE_RENEW) && *rest++ != ' ')
		return EINVAL;
	return plain_duration(rest, ttl_ms) && *ttl_ms > 0 ? 0 : EINVAL;
}

/* The story: open the file, write, read what became of it. */
struct story {
	enum file file;
	const char *data;
	size_t size;
	int stage;
	struct asked *asked; /* the last */
};

static struct asked *name_ask(
	struct kernel *kernel, uint32_t opcode, uint64_t dir, const char *name)
{
	struct fuse_create_in in = {.flags = O_RDWR | O_CREAT | O_EXCL | 0100000};
	char body[sizeof(in) + 8];
	size_t len = opcode == FUSE_CREATE ? sizeof(in) : 0;

	memcpy(body, &in, len);
	strcpy(body + len, name);
	return kernel_ask(kernel, opcode, dir, body, len + strlen(name) + 1);
}

static struct asked *open_ask(struct kernel *kernel, uint64_t node, uint32_t flags)
{
	const struct fuse_open_in in = {.flags = flags | 0100000};

	return kernel_ask(kernel, FUSE_OPEN, node, &in, sizeof(in));
}

static struct asked *write_ask(struct kernel *kernel, const struct story *story)
{
	const struct opened *opened = &kernel->opened[kernel->n_opened - 1];
	struct fuse_write_in in = {.fh = opened->fh, .size = (uint32_t)story->size};
	char body[sizeof(in) + COMMAND_MAX];

	memcpy(body, &in, sizeof(in));
	memcpy(body + sizeof(in), story->data, story->size);
	return kernel_ask(kernel, FUSE_WRITE, opened->node, body, sizeof(in) + story->size);
}

static struct asked *read_ask(struct kernel *kernel)
{
	const struct fuse_read_in in = {.fh = kernel->opened[0].fh, .size = 4096};

	return kernel_ask(kernel, FUSE_READ, kernel->opened[0].node, &in, sizeof(in));
}

/* The hold has the TTL that was written, if one was. */
static void ttl_check(const struct kernel *kernel, uint64_t ttl_ms)
{
	char member[64], line[4096];

	CHECK(kernel->reply_len < sizeof(line));
	memcpy(line, kernel->reply, kernel->reply_len);
	line[kernel->reply_len] = '\0';
	if (ttl_ms == NO_TTL)
		strcpy(member, "\"ttl_ms\":null");
	else
		sprintf(member, "\"ttl_ms\":%llu,", (unsigned long long)ttl_ms);
	CHECK(strstr(line, member));
}

/* What was written was taken as it should have been. */
static void write_check(const struct kernel *kernel, const struct story *story)
{
	uint64_t ttl_ms;
	int error = expected(story->file, story->data, story->size, &ttl_ms);

	CHECK(story->asked->answered);
	if (error == 0 &&
		story->file == FILE_RENEW) /* there may be nothing of that name to renew */
		CHECK(story->asked->error == 0 || story->asked->error == ENOENT ||
			story->asked->error == EPERM);
	else
		CHECK(story->asked->error == error);
	if (story->asked->error == 0) {
		struct fuse_write_out out;

		memcpy(&out, kernel->reply, sizeof(out));
		CHECK(out.size == story->size);
	}
}

/* Opens what is written to: `a` is a lock, always held, so that `renew` has something to renew. */
static struct asked *stage_begin(struct kernel *kernel, const struct story *story)
{
	switch (story->stage) {
	case 0: return kernel_hello(kernel);
	case 1: return name_ask(kernel, FUSE_LOOKUP, INODE_LOCKS, "a");
	case 2: return open_ask(kernel, kernel->nodes[0], O_RDWR);
	case 3:
		switch (story->file) {
		case FILE_LEASE: return name_ask(kernel, FUSE_CREATE, INODE_LEASES, "b");
		case FILE_FREEZE: return name_ask(kernel, FUSE_CREATE, INODE_FREEZES, "c");
		case FILE_RENEW: return open_ask(kernel, INODE_RENEW, O_WRONLY);
		default: return read_ask(kernel);
		}
	case 4: return write_ask(kernel, story);
	case 5: return read_ask(kernel);
	default: return NULL;
	}
}

static enum turn story_next(struct kernel *kernel)
{
	struct story *story = kernel->story;
	uint64_t ttl_ms;

	if (story->asked && !story->asked->answered)
		return TURN_PAUSE;
	CHECK(!story->asked || story->asked->error == 0 || story->stage == 5);
	if (story->stage == 5)
		write_check(kernel, story);
	if (story->stage == 6 && expected(story->file, story->data, story->size, &ttl_ms) == 0 &&
		story->file == FILE_LOCK)
		ttl_check(kernel, ttl_ms);
	story->asked = stage_begin(kernel, story);
	story->stage++;
	return story->asked ? TURN_REQUEST : TURN_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kernel kernel;
	struct story story = {.data = (const char *)data + 1, .size = size - 1};

	duration_check((const char *)data, size);
	if (size < 2 || story.size > COMMAND_MAX) /* the kernel sends no empty ones */
		return 0;
	story.file = data[0] % FILES;
	kernel_run(&kernel, story_next, &story);
	return 0;
}
