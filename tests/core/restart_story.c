/* Stories about the daemon's death: what the log brings back, in the same boot and in another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

static void holds_end_and_freezes_stay(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1m");
	opens(w, "bob", "deploy");
	opens(w, "carol", "build");
	closes(w, "carol", "build");
	freezes(w, "root", "build", "10s");
	freezes(w, "root", "@all", "5s");
	unfreezes(w, "root", "@all");
	w->told = w->story.len;
	advance(w, 4000);
	world_restart(w, true, true);
	CHECK_EQUAL(world_deadline_ms(w), 10000);
	opens(w, "bob", "deploy");
	opens(w, "carol", "build");
	advance(w, 6000);
	expect(w,
		"[  4000] restart in the same boot\n"
		"[  4000] deploy: pruned, alice unknown 0\n"
		"[  4000] bob > acquire deploy\n"
		"[  4000] deploy: granted to bob, token 3\n"
		"[  4000] carol > acquire build\n"
		"[  4000] build: denied to carol, frozen\n"
		"[  4000] carol < ERR_FROZEN\n"
		"[ 10000] build: thawed\n");
	world_destroy(w);
}

/* Another boot: the other clocks begin again, and only the wall clock tells how long it took. */
static void reboot(struct world *w, int64_t wall_ms)
{
	w->now.wall_ms += wall_ms;
	w->start.mono_ns = w->now.mono_ns = 50000000000;
	w->start.boot_ns = w->now.boot_ns = 50000000000;
	w->told = w->story.len;
	world_restart(w, false, false);
}

static void after_a_reboot_the_wall_clock_counts(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1m");
	freezes(w, "root", "build", "10s");
	freezes(w, "root", "test", "1m");
	reboot(w, 20000);
	advance(w, 40000);
	expect(w,
		"[     0] restart in another boot\n"
		"[     0] deploy: pruned, alice reboot 0\n"
		"[     0] build: thawed\n"
		"[ 40000] test: thawed\n");
	world_destroy(w);
}

/* The clock that TTLs run on has begun again, and may stand higher than before. */
static void how_long_a_hold_was_is_told_by_the_wall(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	w->now.mono_ns *= 2;
	w->now.boot_ns *= 2;
	w->now.wall_ms += 20000;
	world_restart(w, false, false);
	CHECK(memmem(w->journal.text.data, w->journal.text.len, "\"held_ms\":20000,", 16));
	world_destroy(w);
}

static void a_wall_clock_set_back_makes_no_freeze_longer(void)
{
	struct world *w = world_create();

	freezes(w, "root", "build", "10s");
	freezes(w, "root", "@all", "5s");
	reboot(w, -86400000);
	CHECK_EQUAL(world_deadline_ms(w), 5000);
	advance(w, 20000);
	expect(w,
		"[     0] restart in another boot\n"
		"[  5000] @all: thawed\n"
		"[ 10000] build: thawed\n");
	world_destroy(w);
}

/* The next boot has the right time: so has the freeze. What people are told is when it ends by their clock. */
static void a_wall_clock_set_right_again_counts(void)
{
	struct world *w = world_create();
	char *views;

	freezes(w, "root", "build", "10s");
	reboot(w, -86400000);
	views = world_views(w, w->engine);
	CHECK(strstr(views, "\"expires_at\":\"2026-01-27T20:15:22.123Z\",\"remaining_ms\":10000"));
	free(views);
	reboot(w, 86404000);
	CHECK_EQUAL(world_deadline_ms(w), 6000);
	advance(w, 6000);
	expect(w,
		"[     0] restart in another boot\n"
		"[  6000] build: thawed\n");
	world_destroy(w);
}

static void a_second_restart_after_a_reboot_knows_the_new_clock(void)
{
	struct world *w = world_create();

	freezes(w, "root", "build", "1m");
	reboot(w, 20000);
	advance(w, 10000);
	world_restart(w, true, true);
	CHECK_EQUAL(world_deadline_ms(w), 40000);
	world_destroy(w);
}

static void tokens_never_come_again(void)
{
	struct world *w = world_create();
	uint64_t left;

	opens(w, "alice", "deploy");
	world_restart(w, true, true);
	opens(w, "alice", "deploy"); /* token 2 */
	left = engine_tokens_left(w->engine);
	world_restart(w, true, false); /* the end of the log may be missing */
	opens(w, "alice", "deploy");
	CHECK(engine_tokens_left(w->engine) == left);
	w->told = w->story.len;
	closes(w, "alice", "deploy");
	opens(w, "alice", "deploy");
	expect(w,
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1000003\n");
	world_destroy(w);
}

/* The checkpoint alone remembers the tokens of holds that ended before it. */
static void tokens_are_in_the_checkpoint(void)
{
	struct event event = {.kind = EVENT_RECOVER, .same_boot = true, .trusted = true};
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	closes(w, "alice", "deploy");
	world_checkpoint(w);
	world_restart(w, true, true);
	opens(w, "alice", "deploy");
	closes(w, "alice", "deploy");
	event.token = 500; /* what stood before the log was lost: the daemon knows a bound */
	world_step(w, &event);
	opens(w, "alice", "deploy");
	event.token = 400;
	closes(w, "alice", "deploy");
	world_step(w, &event);
	opens(w, "alice", "deploy");
	w->told = w->story.len;
	breaks(w, "root", "deploy", 501);
	expect(w,
		"[     0] root > break deploy token 501\n"
		"[     0] deploy: alice's token 501 broken by uid 0\n");
	CHECK(memmem(w->journal.text.data, w->journal.text.len, "\"token\":2,", 10));
	CHECK(memmem(w->journal.text.data, w->journal.text.len, "\"token\":500,", 12));
	world_destroy(w);
}

static void a_log_without_its_end_is_still_a_log(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	size_t len = w->journal.text.len;
	struct chain_head head = w->journal.chain.head;

	closes(w, "alice", "deploy");
	freezes(w, "root", "deploy", "1m");
	w->journal.text.len = len; /* the machine died before the disk had it */
	w->journal.chain.head = head;
	w->told = w->story.len;
	world_restart(w, true, false);
	opens(w, "bob", "deploy");
	expect(w,
		"[     0] restart in the same boot\n"
		"[     0] deploy: pruned, alice unknown 0\n"
		"[     0] bob > acquire deploy\n"
		"[     0] deploy: granted to bob, token 1000001\n");
	world_destroy(w);
}

static void a_hold_that_expired_meanwhile(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1s");
	opens(w, "bob", "build@ttl=1m");
	stall(w, 5000);
	w->told = w->story.len;
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	CHECK(engine_deadline(w->engine) == NEVER);
	CHECK_EQUAL(engine_counters(w->engine)->pruned, 2);
	world_destroy(w);
}

/* More than one step has room for: the daemon says it again until nobody holds. */
static void a_crowd_of_holds(void)
{
	struct world *w = world_create();
	char who[16], spec[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "lock%d", i);
		opens(w, who, spec);
	}
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "lock%d", 999 - i);
		opens(w, who, spec);
	}
	CHECK_EQUAL(world_answers(w, OK), 2000);
	world_destroy(w);
}

static void a_checkpoint_stands_for_all_before_it(void)
{
	struct world *w = world_create();
	struct engine *whole, *late;
	char *a, *b;

	opens(w, "alice", "deploy@ttl=1m,owner=ci:1");
	opens(w, "bob", "test@ttl=1m");
	advance(w, 1000);
	renews(w, "alice", "deploy", "2m");
	renews(w, "bob", "test", NULL);
	freezes(w, "root", "build", "10s");
	freezes(w, "root", "@all", "1h");
	world_checkpoint(w);
	advance(w, 1000);
	renews(w, "alice", "deploy", NULL);
	whole = journal_replay(&w->journal, 0);
	late = journal_replay(&w->journal, w->journal.checkpoint);
	a = world_picture(w, whole);
	b = world_picture(w, late);
	CHECK_STRING(a, b);
	CHECK(strstr(a, "\"renewals\":2") && strstr(a, "\"@all\"") && strstr(a, "ci:1"));
	free(a);
	free(b);
	engine_destroy(whole);
	engine_destroy(late);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"holds end, freezes and tokens stay", holds_end_and_freezes_stay},
		{"after a reboot the wall clock counts", after_a_reboot_the_wall_clock_counts},
		{"how long a hold was is told by the wall clock after a reboot",
			how_long_a_hold_was_is_told_by_the_wall},
		{"a wall clock that was set back makes no freeze longer",
			a_wall_clock_set_back_makes_no_freeze_longer},
		{"a wall clock that is set right again counts",
			a_wall_clock_set_right_again_counts},
		{"a second restart after a reboot knows the new clock",
			a_second_restart_after_a_reboot_knows_the_new_clock},
		{"tokens never come again, and jump when the log is not trusted",
			tokens_never_come_again},
		{"tokens are in the checkpoint, or at least what they are above",
			tokens_are_in_the_checkpoint},
		{"a log without its end is still a log", a_log_without_its_end_is_still_a_log},
		{"a hold that expired meanwhile leaves nothing", a_hold_that_expired_meanwhile},
		{"a crowd of holds ends too", a_crowd_of_holds},
		{"a checkpoint stands for all before it", a_checkpoint_stands_for_all_before_it},
	};

	return CHECK_RUN(cases);
}
