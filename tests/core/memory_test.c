/* Memory that is not there: the n-th allocation fails, for every n, and nothing else goes wrong. */
#include <stdio.h>
#include <string.h>

#include "memory.h"

static struct world *world; /* whose step it is */

/* People who do everything that needs memory. */
static void live(struct world *w)
{
	opens(w, "alice", "deploy@ttl=1s");
	opens(w, "bob", "deploy@timeout=500ms");
	opens(w, "carol", "deploy@try");
	opens(w, "carol", "deploy@try");
	interrupted(w, "bob", "deploy");
	opens(w, "bob", "deploy@timeout=500ms");
	freezes(w, "root", "deploy", "100ms");
	freezes(w, "bob", "deploy", "100ms");
	opens(w, "dave", "deploy@frozen=wait");
	freezes(w, "root", "@all", "100ms");
	freezes(w, "root", "other", "1h");
	opens(w, "erin", "build@frozen=wait");
	renews(w, "alice", "deploy", "2s");
	advance(w, 700);
	breaks(w, "bob", "deploy", 1);
	breaks(w, "root", "deploy", 1);
	unfreezes(w, "root", "other");
	closes(w, "alice", "deploy");
	advance(w, 5000);
}

/* The same with what came later to the language. */
static void live_on(struct world *w)
{
	takes(w, "alice", "lease", "2s");
	takes(w, "bob", "lease@owner=ci", "2s");
	touches(w, "alice", "lease", "3s");
	touches(w, "bob", "lease", "3s");
	opens(w, "alice", "a+b@shared");
	opens(w, "bob", "b+c@shared,bind=pid");
	opens(w, "bob", "c+a@timeout=2s"); /* waits for alice and himself */
	opens(w, "carol", "gpu+tpu@slots=2");
	opens(w, "dave", "tpu@slots=3");
	reads(w, "carol");
	if (w->requests[w->n_requests - 1].err == OK)
		stops_reading(w, "carol");
	advance(w, 3000);
	removes(w, "bob", "lease");
	removes(w, "root", "lease");
	survived(w, "bob", "b+c", 9);
	reads(w, "dave"); /* to the end of the engine */
}

/* Lives with little memory. How many were denied for it; `*hit`: whether anything failed. */
static size_t live_with(long n, bool for_good, bool *hit)
{
	const long blocks = memory.blocks;
	size_t denied;

	world = world_create();
	memory_watch(world);
	world->settings.deadlock_ms = 500;
	world_configure(world);
	memory_fail(n, for_good);
	live(world);
	live_on(world);
	*hit = memory.failed > 0;
	denied = world_answers(world, ERR_NO_MEMORY);
	memory_fail(ENOUGH, false);
	opens(world, "frank", "deploy2");
	CHECK(world->requests[world->n_requests - 1].err == OK);
	world_destroy(world);
	CHECK_EQUAL(memory.blocks, blocks);
	return denied;
}

static void one_failure_denies_one(void)
{
	long n = 0, denials = 0;
	bool hit;

	do {
		size_t denied = live_with(++n, false, &hit);

		CHECK(denied <= 1);
		denials += (long)denied;
	} while (hit);
	CHECK(n > 15 && denials > 8);
}

static void no_memory_denies_all_and_breaks_nothing(void)
{
	bool hit;

	for (long n = 1; n < 40; n++)
		live_with(n, true, &hit);
	CHECK_EQUAL(live_with(1, true, &hit), 19);
}

static const struct {
	const char *line;
	uint64_t names; /* that are in use afterwards */
} lines[] = {
	{"{\"event\":\"acquire\",\"name\":\"a+b\",\"token\":1}", 2},
	{"{\"event\":\"freeze\",\"name\":\"c\",\"ttl_ms\":1000,\"until_ns\":9}", 1},
	{"{\"event\":\"checkpoint\",\"next_token\":2,\"token_limit\":9,\"holds\":[{\"name\":\"d\","
	 "\"token\":1}],\"freezes\":[]}",
		1},
	{"{\"event\":\"checkpoint\",\"next_token\":2,\"token_limit\":9,\"holds\":[],\"freezes\":"
	 "[{\"name\":\"@all\",\"ttl_ms\":1000,\"until_ns\":9}]}",
		0},
};

/* Replays line `i` while the n-th allocation fails. Whether it did. */
static bool replay_with(size_t i, long n)
{
	const long blocks = memory.blocks;
	struct engine *engine = engine_create();
	int err;

	CHECK(engine);
	memory_fail(n, false);
	memory.inside = true;
	err = journal_line(engine, lines[i].line, strlen(lines[i].line), true);
	memory.inside = false;
	CHECK_EQUAL(err, memory.failed ? ERR_NO_MEMORY : OK);
	CHECK_EQUAL(engine_totals(engine).names, err == OK ? lines[i].names : 0);
	engine_destroy(engine);
	CHECK_EQUAL(memory.blocks, blocks);
	return memory.failed > 0;
}

/* A log that is replayed without the memory for it says so, and is not called corrupt. */
static void a_replay_fails_cleanly(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		long n = 1;

		while (replay_with(i, n))
			n++;
		CHECK(n > 1);
	}
}

/* Text remembers that something is missing: no view is taken for whole. */
static void text_remembers(void)
{
	struct world *w = world_create();
	struct view view = world_view(w, w->engine);

	opens(w, "alice", "deploy");
	for (long n = 1; n < 20; n++) {
		struct text text = {0};

		memory_fail(n, false);
		memory.inside = true;
		for (int i = 0; i < 10; i++)
			view_locks(&view, &text);
		engine_write_parts(w->engine, &text);
		memory.inside = false;
		CHECK(text.failed == (memory.failed > 0));
		text_finish(&text);
	}
	memory_fail(1, false);
	memory.inside = true;
	CHECK(engine_create() == NULL);
	memory.inside = false;
	world_destroy(w);
}

/* One user after another comes, does everything, and goes: the engine keeps nothing of them. */
static void who_has_gone_leaves_nothing(void)
{
	long blocks = 0;

	world = world_limited(LIMIT_READERS, 1, 1);
	world->settings.deadlock_ms = 500;
	world_configure(world);
	for (int i = 0; i < 40; i++) {
		char who[8], name[24];

		snprintf(who, sizeof(who), "u%d", i);
		snprintf(name, sizeof(name), "x%d+y%d+z%d", i, i, i);
		uint64_t id = opens(world, who, name);

		opens(world, who, name);
		reads(world, who);
		reads(world, who);
		stops_reading(world, who);
		stops_reading(world, who);
		snprintf(name, sizeof(name), "l%d", i);
		takes(world, who, name, "1s");
		takes(world, who, name, "1s");
		freezes(world, "root", name, "1s");
		opens(world, who, name);
		advance(world, 5000);
		closes_id(world, id);
		reads(world, who);
		name[0] = who[0] = 'v'; /* another one, who only has his hold */
		closes_id(world, opens(world, who, name));
		who[0] = 'w'; /* and one who may not even read */
		reads(world, who);
		who[0] = 'u';
		stops_reading(world, who);
		CHECK_EQUAL(engine_totals(world->engine).names, 0);
		if (i == 1)
			blocks = memory.blocks;
	}
	CHECK(memory.blocks <= blocks);
	world_destroy(world);
}

/* What one who waits costs the engine, beside the name that all share. */
static void a_waiter_is_small(void)
{
	const char *const name = "a-name-that-is-rather-long-as-some-people-like-them-to-be";
	char who[8];

	world = world_create();
	memory_watch(world);
	memory_fail(ENOUGH, false);
	opens(world, "alice", name);
	opens(world, "somebody", name);
	memory.bytes = 0;
	for (int i = 0; i < 100; i++)
		opens(world, "somebody", name);
	CHECK(memory.bytes > 0 && memory.bytes / 100 < 320);
	memory.bytes = 0;
	for (int i = 0; i < 100; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		opens(world, who, name);
	}
	CHECK(memory.bytes / 100 < 320 + 100); /* each of them another user */
	world_destroy(world);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"one failure denies one request and leaves no trace", one_failure_denies_one},
		{"no memory at all denies all and breaks nothing",
			no_memory_denies_all_and_breaks_nothing},
		{"a replay fails cleanly", a_replay_fails_cleanly},
		{"text remembers that something is missing", text_remembers},
		{"who has gone leaves nothing", who_has_gone_leaves_nothing},
		{"a waiter is small", a_waiter_is_small},
	};

	return CHECK_RUN(cases);
}
