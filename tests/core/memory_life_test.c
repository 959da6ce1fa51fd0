/* The same in any life, and where a life is told again: in a replay, a restart, a line of the log. */
#include <stdlib.h>
#include <string.h>

#include "life.h"
#include "memory.h"

/* A life in which an allocation fails now and then, one of the next few from each step on. */
static struct world *scarce_life(uint64_t seed, int steps)
{
	struct life life = {.seed = seed};
	struct world *world = world_create();

	memory_watch(world);
	world->settings.deadlock_ms = 20;
	world_configure(world);
	for (int i = 0; i < steps; i++) {
		struct act act = life_choose(&life, world);

		memory_fail(1 + (long)(check_random(&life.seed) % 4), false);
		life_do(world, &act);
	}
	memory_fail(ENOUGH, false);
	world_stop(world);
	advance(world, 2000);
	return world;
}

/* Whatever happens, in whatever order: who had no memory has changed nothing, the others are served,
 * and the log tells of all that there is. */
static void any_life_goes_on(void)
{
	const long blocks = memory.blocks;
	size_t denied = 0;

	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct world *w = scarce_life(seed, 1500);
		char *views = world_views(w, w->engine), *replayed;

		denied += world_answers(w, ERR_NO_MEMORY);
		CHECK(world_answers(w, OK) > 100);
		world_survive(w);
		replayed = world_views(w, w->engine);
		CHECK_STRING(replayed, views);
		free(views);
		free(replayed);
		world_destroy(w);
	}
	CHECK(denied > 100);
	CHECK_EQUAL(memory.blocks, blocks);
}

/* Replays a whole log while the n-th allocation fails. Whether it did. */
static bool replay_all_with(const struct text *log, long n)
{
	const long blocks = memory.blocks;
	struct engine *engine = engine_create();
	int err = OK;

	CHECK(engine);
	memory_fail(n, false);
	memory.inside = true;
	for (size_t at = 0, len; err == OK && at < log->len; at += len + 1) {
		len = (size_t)((char *)memchr(log->data + at, '\n', log->len - at) -
			(log->data + at));
		err = journal_line(engine, log->data + at, len, at == 0);
	}
	memory.inside = false;
	CHECK_EQUAL(err, memory.failed ? ERR_NO_MEMORY : OK);
	engine_destroy(engine);
	CHECK_EQUAL(memory.blocks, blocks);
	return memory.failed > 0;
}

static void a_replay_of_any_life_fails_cleanly(void)
{
	struct world *w = scarce_life(9, 2000);
	long n = 1;

	while (replay_all_with(&w->journal.text, n))
		n++;
	CHECK(n > 200);
	world_destroy(w);
}

/* Who waited before a restart, and has no place now, is told so; who was interrupted is not there to be
 * told. Neither leaves a trace. */
static void who_cannot_be_put_back(void)
{
	struct spec spec = {
		.names = "a+b", .slots = 1, .timeout_ms = TIME_NONE, .ttl_ms = TIME_NONE};

	for (int waits = 0; waits < 2; waits++)
		for (long n = 1; n < 5; n++) {
			struct effects fx = {0};
			struct event event = {.kind = EVENT_REQUEUE,
				.id = 1,
				.spec = &spec,
				.who.owner = "x",
				.request = waits ? &spec : NULL};
			struct engine *engine = engine_create();

			CHECK(engine);
			memory_fail(n, false);
			memory.inside = true;
			engine_step(engine, &event, &fx);
			memory.inside = false;
			CHECK_EQUAL(memory.failed, 1);
			CHECK_EQUAL(fx.n_answers, waits);
			CHECK(!waits || fx.answers[0].err == ERR_NO_MEMORY);
			CHECK_EQUAL(engine_totals(engine).waiters + engine_totals(engine).names, 0);
			engine_destroy(engine);
		}
}

/* What the host counts: whom there is no memory for has nothing to give back, and has nothing again. */
static void who_cannot_be_counted(void)
{
	static const enum event_kind kinds[] = {EVENT_ADMIT, EVENT_READMIT, EVENT_DISMISS};
	struct engine *engine = engine_create();

	CHECK(engine);
	for (int i = 0; i < 3; i++) {
		struct effects fx = {0};
		struct event event = {
			.kind = kinds[i], .limit = LIMIT_READERS, .amount = 1, .name = ""};

		memory_fail(1, false);
		memory.inside = true;
		engine_step(engine, &event, &fx);
		memory.inside = false;
		CHECK_EQUAL(memory.failed, 1);
		CHECK_EQUAL(fx.n_answers, kinds[i] == EVENT_ADMIT);
		CHECK_EQUAL(engine_totals(engine).readers, 0);
	}
	memory_fail(ENOUGH, false);
	engine_destroy(engine);
	engine_destroy(NULL);
}

/* A line that there was no memory for says so, and the next try is the same line. */
static void a_line_is_whole_or_none(void)
{
	const struct record record = record_new(RECORD_START, 0);
	struct text whole = {0};

	for (long n = 1; !whole.data; n++) {
		struct text text = {0};
		struct chain chain;

		chain_init(&chain);
		memory_fail(n, false);
		memory.inside = true;
		if (text_reserve(&text, 8))
			text.room = 8; /* it has to grow all the time */
		chain_begin(&chain, &text);
		record_write(&record, "box", &text);
		chain_seal(&chain, &text, 0);
		memory.inside = false;
		CHECK(text.failed == (memory.failed > 0));
		if (!text.failed)
			whole = text;
		else
			text_finish(&text);
	}
	CHECK(whole.data[whole.len - 1] == '\n');
	text_finish(&whole);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"any life goes on with little memory", any_life_goes_on},
		{"a replay of any life fails cleanly", a_replay_of_any_life_fails_cleanly},
		{"who cannot be put back is told", who_cannot_be_put_back},
		{"who cannot be counted has nothing", who_cannot_be_counted},
		{"a line is whole or none", a_line_is_whole_or_none},
	};

	return CHECK_RUN(cases);
}
