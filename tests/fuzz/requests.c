/* Requests in any order and of any shape, as a program of one byte an action and some for what it is
 * about, so that the fuzzer's small changes make other requests rather than other noise. */
#include <sanitizer/lsan_interface.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "core/list.h"
#include "fs/hold_file.h"
#include "shape.h"

#define DEATHS_MAX 6 /* of servers */

/* The actions that are no request's. */
enum {
	ACT_PAUSE = 64,
	ACT_TIME,   /* it passes: a byte says how much, by the power of two */
	ACT_WHO,    /* who asks from now on: one of a few users, and of a few processes */
	ACT_REFUSE, /* nobody waits for the next reply */
	ACT_RESEND, /* an earlier request comes again, if it was not answered */
	ACT_ODD,    /* a request of any opcode, with any bytes for a body */
	ACT_NOISE,  /* bytes that need not be a request */
	ACT_STOP,   /* the mount is gone, whoever waits */
	ACT_DIE,    /* the server dies, now or so many replies later: see kernel::dies_in */
	RUDE = 255, /* as the first byte: files are named that are not open; twice: nobody has said hello */
};

enum end { END_NOT_YET, END_GIVE_UP, END_CLOSE, END_WAIT, END_LOOK, END_OVER };

struct story {
	struct input input;
	bool greeted; /* the session is open, unless the program is */
	bool rude;
	unsigned deaths;
	enum end end;
	size_t at; /* how far this stage of the end is */
};

/* Bytes of the input: their number first. */
static size_t bytes_take(struct input *input, char *data, size_t room)
{
	size_t len = input_byte(input) % room;

	for (size_t i = 0; i < len; i++)
		data[i] = (char)input_byte(input);
	return len;
}

static struct asked *odd_ask(struct kernel *kernel, struct input *input)
{
	uint32_t opcode = (uint32_t)input_number(input, 2);
	uint64_t node = node_pick(kernel, input);
	char data[256];
	size_t len = bytes_take(input, data, sizeof(data));

	return kernel_ask(kernel, opcode, node, data, len);
}

static void who_pick(struct kernel *kernel, struct input *input)
{
	const int32_t pids[] = {0, getpid(), 1, 2, getppid(), -1, INT32_MAX, 300000};
	unsigned choice = input_byte(input);

	kernel->uid = choice & 3;
	kernel->gid = choice >> 2 & 7;
	kernel->pid = pids[choice >> 5];
}

/* What an open file holds, by the name it was opened by. False: nothing, or nobody knows. */
static bool held(const struct daemon *daemon, const struct handle *handle, struct spec *spec)
{
	const struct hold *hold = hold_of(handle);
	const struct carry_file *file = hold ? hold->handle.file : NULL;
	const struct inode *inode = file ? inode_find(&daemon->inodes, file->inode) : NULL;

	return inode && engine_holds(daemon->host.engine, hold->id) &&
		spec_parse(inode->text, strlen(inode->text), &daemon->options.defaults, spec) == OK;
}

static bool names_meet(const char *names, const char *others)
{
	char name[NAME_MAX_LEN + 1], other[NAME_MAX_LEN + 1];

	while (names_next(&names, name))
		for (const char *rest = others; names_next(&rest, other);)
			if (strcmp(name, other) == 0)
				return true;
	return false;
}

/* No two hold a name together who may not. */
static void holds_check(const struct daemon *daemon)
{
	const struct handle *one, *other;
	struct spec a, b;

	for (uint64_t at = 0; (one = handle_next(daemon, &at));) {
		if (!held(daemon, one, &a))
			continue;
		for (uint64_t rest = at; (other = handle_next(daemon, &rest));)
			if (held(daemon, other, &b) && names_meet(a.names, b.names))
				CHECK((a.mode == MODE_SHARED && b.mode == MODE_SHARED) ||
					(a.slots > 1 && a.slots == b.slots));
	}
}

/* The end of a story whose mount goes on: nobody wants anything any more, and nothing is left. */
static enum turn story_end(struct kernel *kernel, struct story *story)
{
	struct totals totals;

	switch (story->end) {
	case END_NOT_YET:
		story->end = END_GIVE_UP;
		kernel->refused = kernel->dies_in = 0;
		return TURN_PAUSE;
	case END_GIVE_UP:
		while (story->at < kernel->n_asked) {
			struct asked *asked = &kernel->asked[story->at++];

			if (!asked->answered &&
				kernel_ask(kernel, FUSE_INTERRUPT, 0, &asked->unique, 8))
				return TURN_REQUEST;
		}
		story->end = END_CLOSE;
		story->at = 0;
		return TURN_PAUSE;
	case END_CLOSE:
		while (story->at < kernel->n_opened)
			if (kernel->opened[story->at++].open &&
				kernel_close(kernel, &kernel->opened[story->at - 1]))
				return TURN_REQUEST;
		story->end = END_WAIT;
		story->at = 0;
		fuzz_ns += 20000000000; /* past every grace */
		return TURN_PAUSE;
	case END_WAIT:
		fuzz_ns += 1000000; /* more than it goes on looking before it sleeps */
		if (++story->at == 8)
			story->end = END_LOOK;
		return TURN_PAUSE;
	case END_LOOK:
		totals = engine_totals(kernel->daemon.host.engine);
		fuzz_tell("%zu waiters, %zu holders, next at %.3f", (size_t)totals.waiters,
			(size_t)totals.holders,
			((double)engine_deadline(kernel->daemon.host.engine) - 1e12) / 1e9);
		CHECK(list_empty(&kernel->daemon.openings) && list_empty(&kernel->daemon.reads));
		if (kernel->n_asked < ASKED_MAX && kernel->n_opened < KNOWN_MAX)
			CHECK(totals.waiters == 0 &&
				(story->rude || totals.holders == totals.leases));
		story->end = END_OVER;
		return TURN_PAUSE;
	case END_OVER: break;
	}
	return TURN_END;
}

/* A server that goes on knows every file that is open; but the kernel never forgets a file that is. */
static void files_check(struct kernel *kernel)
{
	const struct story *story = kernel->story;

	for (size_t i = 0; i < kernel->n_opened && !story->rude; i++) {
		const struct opened *opened = &kernel->opened[i];
		const bool forgotten = opened->node >= INODE_FIRST &&
			!inode_find(&kernel->daemon.inodes, opened->node);

		if (opened->open && !forgotten)
			CHECK(handle_find(&kernel->daemon, opened->fh));
	}
}

/* An action that is no request of a right shape. True: it is the daemon's turn, as `turn` says. */
static bool act_do(struct kernel *kernel, struct story *story, unsigned act, enum turn *turn)
{
	struct input *input = &story->input;
	char noise[256];
	size_t len;

	*turn = TURN_REQUEST;
	switch (act) {
	case ACT_TIME: fuzz_ns += 1000000ULL << input_byte(input) % 32; /* fall through */
	case ACT_PAUSE: *turn = TURN_PAUSE; return true;
	case ACT_WHO: who_pick(kernel, input); return false;
	case ACT_REFUSE: kernel->refused = 1; return false;
	case ACT_RESEND:
		len = input_byte(input);
		return len < kernel->n_asked && kernel_ask_again(kernel, &kernel->asked[len]);
	case ACT_ODD: return odd_ask(kernel, input);
	case ACT_NOISE:
		len = bytes_take(input, noise, sizeof(noise));
		if (len > 0)
			kernel_noise(kernel, noise, len);
		return len > 0;
	case ACT_STOP: *turn = TURN_END; return true;
	case ACT_DIE:
		kernel->dies_in = input_byte(input) % 16;
		if (kernel->asked[0].opcode != FUSE_INIT || ++story->deaths > DEATHS_MAX)
			kernel->dies_in = 0;
		else
			*turn = TURN_DEATH;
		return *turn == TURN_DEATH && kernel->dies_in == 0;
	default: return false;
	}
}

/* The session is opened first, but for a program that is too rude for it. True: a request was sent. */
static bool greet(struct kernel *kernel, struct story *story)
{
	const struct input *input = &story->input;

	story->greeted = true;
	kernel->begun = files_check;
	story->rude = input->at < input->end && *input->at == RUDE;
	if (story->rude && (input->at + 1 == input->end || input->at[1] == RUDE))
		return false;
	return kernel_hello(kernel);
}

/* Does the next action of the program. */
static enum turn story_next(struct kernel *kernel)
{
	struct story *story = kernel->story;
	struct input *input = &story->input;
	enum turn turn;

	holds_check(&kernel->daemon);
	if (!story->greeted && greet(kernel, story))
		return TURN_REQUEST;
	while (input->at < input->end && story->end == END_NOT_YET &&
		kernel->n_asked < ASKED_MAX - 3 * KNOWN_MAX) {
		unsigned act = input_byte(input);

		if (is_shape(act) && shape_ask(kernel, input, act, story->rude))
			return TURN_REQUEST;
		if (!is_shape(act) && act_do(kernel, story, act, &turn))
			return turn;
	}
	return story_end(kernel, story);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kernel kernel;
	struct story story = {.input = {data, data + size}};

	if (memchr(data, ACT_DIE, size)) /* the dead free nothing */
		__lsan_disable();
	kernel_run(&kernel, story_next, &story);
	if (memchr(data, ACT_DIE, size))
		__lsan_enable();
	return 0;
}
