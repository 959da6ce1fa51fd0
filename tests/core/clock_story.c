/* Stories about clocks: idle, asleep, or set to another time.
 *
 * "TTLs of open holds and `timeout` run on CLOCK_MONOTONIC; leases and freezes on CLOCK_BOOTTIME,
 * and by wall time over a reboot." */
#include <stdio.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

static void an_idle_engine_has_no_deadline(void)
{
	struct world *w = world_create();

	CHECK(engine_deadline(w->engine) == NEVER);
	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	CHECK(engine_deadline(w->engine) == NEVER);
	closes(w, "alice", "deploy");
	closes(w, "bob", "deploy");
	CHECK(engine_deadline(w->engine) == NEVER);
	world_destroy(w);
}

static void the_nearest_deadline_counts(void)
{
	struct world *w = world_create();

	freezes(w, "root", "other", "4s");
	CHECK_EQUAL(world_deadline_ms(w), 4000);
	opens(w, "alice", "deploy@ttl=3s");
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	opens(w, "bob", "deploy@timeout=2s");
	CHECK_EQUAL(world_deadline_ms(w), 2000);
	opens(w, "carol", "deploy@try");
	CHECK_EQUAL(world_deadline_ms(w), 1000);
	advance(w, 1000);
	CHECK_EQUAL(world_deadline_ms(w), 2000);
	advance(w, 1000); /* and a second of silence after bob's denial */
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	advance(w, 1000);
	CHECK_EQUAL(world_deadline_ms(w), 4000);
	advance(w, 1000);
	CHECK(engine_deadline(w->engine) == NEVER);
	world_destroy(w);
}

/* An idle tick, whenever it comes, changes nothing. */
static void a_tick_too_early_is_nothing(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=3s");
	w->told = w->story.len;
	for (int i = 0; i < 30; i++) {
		struct event event = {.kind = EVENT_TICK};

		advance(w, 99);
		world_step(w, &event);
	}
	expect(w, "");
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	world_destroy(w);
}

/* The daemon reads what has arrived before it fires the deadlines of the time when it began to. */
static void a_tick_may_be_older_than_a_request(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=10ms");
	stall(w, 12);
	world_begin(w);
	opens(w, "bob", "deploy");
	w->now.mono_ns -= 2000000;
	w->now.boot_ns -= 2000000;
	world_commit(w);
	expect(w,
		"[     0] alice > acquire deploy@ttl=10ms\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[    12] bob > acquire deploy\n"
		"[    10] deploy: expired under alice\n"
		"[    10] deploy: granted to bob, token 2\n");
	CHECK(memmem(w->journal.text.data, w->journal.text.len, "\"token\":2,", 10));
	CHECK(!memmem(w->journal.text.data, w->journal.text.len, "\"waited_ms\":1", 13));
	world_destroy(w);
}

static void while_the_machine_sleeps(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1m");
	opens(w, "bob", "deploy@timeout=30s");
	freezes(w, "root", "build", "10m");
	opens(w, "carol", "build@frozen=wait");
	takes(w, "dave", "lease", "10m");
	takes(w, "dave", "longer", "3610s");
	w->told = w->story.len;
	suspended(w, 3600000);
	advance(w, 60000);
	expect(w,
		"[     0] suspended\n"
		"[3600000] build: thawed\n"
		"[3600000] build: granted to carol, token 4\n"
		"[3600000] lease: expired under dave\n"
		"[3610000] longer: expired under dave\n"
		"[3630000] deploy: denied to bob, timeout\n"
		"[3630000] bob < ERR_TIMEOUT\n"
		"[3660000] deploy: expired under alice\n");
	world_destroy(w);
}

static void a_freeze_that_outlasts_the_sleep(void)
{
	struct world *w = world_create();

	freezes(w, "root", "build", "10m");
	suspended(w, 300000);
	CHECK_EQUAL(world_deadline_ms(w), 300000); /* on the clock that stood still */
	advance(w, 299999);
	CHECK_EQUAL(engine_totals(w->engine).freezes, 1);
	advance(w, 1);
	CHECK_EQUAL(engine_totals(w->engine).freezes, 0);
	world_destroy(w);
}

static void the_wall_clock_moves_no_deadline(void)
{
	static const int64_t jumps[] = {-86400000, 86400000, -1769631312123 - 5000};

	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		struct world *w = world_create();

		opens(w, "alice", "deploy@ttl=2s");
		opens(w, "bob", "deploy@timeout=1s");
		freezes(w, "root", "build", "3s");
		takes(w, "carol", "lease", "4s");
		wall_jumps(w, jumps[i]);
		w->told = w->story.len;
		advance(w, 10000);
		expect(w,
			"[  1000] deploy: denied to bob, timeout\n"
			"[  1000] bob < ERR_TIMEOUT\n"
			"[  2000] deploy: expired under alice\n"
			"[  3000] build: thawed\n"
			"[  4000] lease: expired under carol\n");
		world_destroy(w);
	}
}

/* What is shown is always the present wall time of the deadline. */
static void views_follow_the_wall_clock(void)
{
	struct world *w = world_create();
	struct text text = {0};
	struct view view;

	opens(w, "alice", "deploy@ttl=2s");
	wall_jumps(w, -15123);
	advance(w, 1000);
	view = world_view(w, w->engine);
	view_name(&view, "deploy", true, &text);
	text_add(&text, "", 1);
	CHECK_STRING(text.data,
		"{\"version\":1,\"name\":\"deploy\",\"state\":\"held\",\"holder\":{\"owner\":"
		"\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,\"pid_start_ns\":7007,"
		"\"pid_status\":\"alive\",\"kind\":\"open\",\"mode\":\"exclusive\",\"token\":1,"
		"\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":1000,\"ttl_ms\":2000,"
		"\"expires_at\":\"2026-01-28T20:14:59.000Z\",\"remaining_ms\":1000,\"renewals\":0},"
		"\"holders\":[{\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,"
		"\"pid_start_ns\":7007,\"pid_status\":\"alive\",\"kind\":\"open\",\"mode\":"
		"\"exclusive\",\"token\":1,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"age_ms\":1000,\"ttl_ms\":2000,\"expires_at\":\"2026-01-28T20:14:59.000Z\","
		"\"remaining_ms\":1000,\"renewals\":0}],\"waiters\":[],\"freeze\":null}");
	text_finish(&text);
	world_destroy(w);
}

/* What was said of a deadline stays so to the millisecond, unless the clocks have parted since. */
static void a_time_that_was_said_stays(void)
{
	static const struct {
		int64_t jump;
		const char *expires;
	} table[] = {{2, "14.123"}, {1, "14.126"}, {-3, "14.123"}, {-2, "14.123"}, {-1, "14.120"}};
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct text text = {0};
		char expected[64];

		wall_jumps(w, table[i].jump);
		const struct view view = world_view(w, w->engine);

		CHECK(view_hold(&view, 1, &text));
		text_add(&text, "", 1);
		snprintf(expected, sizeof(expected), "\"expires_at\":\"2026-01-28T20:15:%sZ\"",
			table[i].expires);
		CHECK(strstr(text.data, expected));
		text_finish(&text);
	}
	world_destroy(w);
}

/* A log may say of a freeze that it ends when no clock gets there: it is no deadline, and no harm.
 * In a time namespace CLOCK_BOOTTIME may be the one that is behind. */
static void a_deadline_beyond_all_clocks(void)
{
	static const char line[] =
		"{\"event\":\"freeze\",\"name\":\"a\",\"ttl_ms\":1000,\"until_ns\":"
		"18446744073709551614}";
	struct world *w = world_create();

	w->now.boot_ns = w->start.boot_ns = 1;
	CHECK(journal_line(w->engine, line, strlen(line), false) == OK);
	world_checkpoint(w);
	opens(w, "alice", "b@ttl=3s");
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	advance(w, 3000);
	CHECK(engine_deadline(w->engine) == NEVER);
	unfreezes(w, "root", "a");
	CHECK_EQUAL(engine_totals(w->engine).freezes, 0);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"an idle engine has no deadline", an_idle_engine_has_no_deadline},
		{"the nearest deadline counts", the_nearest_deadline_counts},
		{"a tick that comes too early is nothing", a_tick_too_early_is_nothing},
		{"a tick may be older than a request", a_tick_may_be_older_than_a_request},
		{"while the machine sleeps freezes and leases pass, TTLs and waits do not",
			while_the_machine_sleeps},
		{"a freeze that outlasts the sleep ends at its time",
			a_freeze_that_outlasts_the_sleep},
		{"the wall clock moves no deadline", the_wall_clock_moves_no_deadline},
		{"views follow the wall clock", views_follow_the_wall_clock},
		{"a deadline beyond all clocks is none", a_deadline_beyond_all_clocks},
		{"a time that was said stays as it was", a_time_that_was_said_stays},
	};

	return CHECK_RUN(cases);
}
