/* Stories about the queue: who goes next, who does not wait, and how long the others do. */
#include "core/timer.h"
#include "story.h"

static void first_come_first_served(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	advance(w, 100);
	closes(w, "alice", "deploy");
	closes(w, "bob", "deploy");
	advance(w, 50);
	closes(w, "carol", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy\n"
		"[   100] alice > close deploy\n"
		"[   100] deploy: released by alice after 100\n"
		"[   100] deploy: granted to bob, token 2\n"
		"[   100] bob > close deploy\n"
		"[   100] deploy: released by bob after 0\n"
		"[   100] deploy: granted to carol, token 3\n"
		"[   150] carol > close deploy\n"
		"[   150] deploy: released by carol after 50\n");
	world_destroy(w);
}

static void names_do_not_wait_for_each_other(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "build");
	opens(w, "carol", "Deploy");
	opens(w, "dave", "deploy.2");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire build\n"
		"[     0] build: granted to bob, token 2\n"
		"[     0] carol > acquire Deploy\n"
		"[     0] Deploy: granted to carol, token 3\n"
		"[     0] dave > acquire deploy.2\n"
		"[     0] deploy.2: granted to dave, token 4\n");
	world_destroy(w);
}

static void trying_never_waits(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@try");
	opens(w, "bob", "deploy@try");
	opens(w, "carol", "deploy@timeout=0");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 0);
	closes(w, "alice", "deploy");
	opens(w, "bob", "deploy@try");
	expect(w,
		"[     0] alice > acquire deploy@try\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@try\n"
		"[     0] deploy: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] carol > acquire deploy@timeout=0\n"
		"[     0] deploy: denied to carol, held\n"
		"[     0] carol < ERR_WOULD_WAIT\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] bob > acquire deploy@try\n"
		"[     0] deploy: granted to bob, token 2\n");
	world_destroy(w);
}

static void a_timeout_takes_its_time(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	advance(w, 7);
	opens(w, "bob", "deploy@timeout=250ms");
	opens(w, "carol", "deploy@timeout=none");
	CHECK_EQUAL(world_deadline_ms(w), 257);
	advance(w, 249);
	CHECK_EQUAL(world_answers(w, ERR_TIMEOUT), 0);
	advance(w, 1);
	CHECK_EQUAL(world_answers(w, ERR_TIMEOUT), 1);
	advance(w, 86400000);
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     7] bob > acquire deploy@timeout=250ms\n"
		"[     7] carol > acquire deploy@timeout=none\n"
		"[   257] deploy: denied to bob, timeout\n"
		"[   257] bob < ERR_TIMEOUT\n"
		"[86400257] alice > close deploy\n"
		"[86400257] deploy: released by alice after 86400257\n"
		"[86400257] deploy: granted to carol, token 2\n");
	world_destroy(w);
}

static void who_leaves_the_middle_moves_nobody(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "bob", "x");
	opens(w, "carol", "x@timeout=10ms");
	opens(w, "dave", "x");
	advance(w, 20);
	closes(w, "alice", "x");
	closes(w, "bob", "x");
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] bob > acquire x\n"
		"[     0] carol > acquire x@timeout=10ms\n"
		"[     0] dave > acquire x\n"
		"[    10] x: denied to carol, timeout\n"
		"[    10] carol < ERR_TIMEOUT\n"
		"[    20] alice > close x\n"
		"[    20] x: released by alice after 20\n"
		"[    20] x: granted to bob, token 2\n"
		"[    20] bob > close x\n"
		"[    20] x: released by bob after 0\n"
		"[    20] x: granted to dave, token 3\n");
	world_destroy(w);
}

static void a_dead_holder_makes_way(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	dies(w, "alice", "deploy", 9);
	dies(w, "bob", "deploy", 0);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy\n"
		"[     0] alice dies holding deploy\n"
		"[     0] deploy: pruned, alice killed 9\n"
		"[     0] deploy: granted to bob, token 2\n"
		"[     0] bob dies holding deploy\n"
		"[     0] deploy: pruned, bob exited 0\n"
		"[     0] deploy: granted to carol, token 3\n");
	world_destroy(w);
}

static void a_label_stands_for_the_user(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@owner=ci:42");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy@owner=ci:42\n"
		"[     0] deploy: granted to ci:42, token 1\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by ci:42 after 0\n");
	world_destroy(w);
}

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

/* As long as the contract lets them be, in every text that is made of them. */
static void the_longest_names(void)
{
	struct world *w = world_create();
	const char *const name = X64 X64;
	struct text text = {0};
	struct view view = world_view(w, w->engine);
	int64_t wall_ms;
	uint32_t uid;
	uint64_t id;

	opens(w, "alice", X64 X64 "@ttl=1s,owner=" X64);
	opens(w, "bob", X64 X64 "@try,owner=" X64);
	opens(w, "bob", X64 X64 "@try,owner=" X64);
	opens(w, "carol", X64 X64 "+y@timeout=10ms");
	opens(w, "carol", "y+z" X64 X16 X16 X16 "yyyyyyyyyyyyyyy@bind=pid");
	breaks(w, "carol", X64 X64 "+y", 9);
	id = opens(w, "carol", X64 X64 "+" X64 X16 X16 X16 "xxxxxxxxxxxxxx");
	interrupted_id(w, id);
	opens(w, "carol", X64 X64 "+" X64 X16 X16 X16 "xxxxxxxxxxxxxx");
	freezes(w, "root", name, "1h");
	view_name(&view, name, true, &text);
	CHECK(view_hold(&view, 1, &text) && view_freeze(&view, name, &text));
	view_names(w->engine, LISTING_USED, &text);
	CHECK(view_owner(w->engine, X64 X64 "+y", &uid, &wall_ms));
	text_finish(&text);
	world_restart(w, true, true);
	advance(w, 1000);
	world_destroy(w);
}

static void a_stop_sends_the_waiters_away(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy@frozen=wait");
	opens(w, "dave", "deploy");
	interrupted(w, "dave", "deploy");
	world_stop(w);
	opens(w, "dave", "deploy");
	opens(w, "erin", "build");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy@frozen=wait\n"
		"[     0] dave > acquire deploy\n"
		"[     0] dave is interrupted\n"
		"[     0] dave < ERR_INTERRUPTED\n"
		"[     0] stop\n"
		"[     0] deploy: denied to bob, cancelled\n"
		"[     0] deploy: denied to carol, cancelled\n"
		"[     0] bob < ERR_STOPPING\n"
		"[     0] carol < ERR_STOPPING\n"
		"[     0] dave > acquire deploy\n"
		"[     0] deploy: denied to dave, cancelled\n"
		"[     0] dave < ERR_STOPPING\n"
		"[     0] erin > acquire build\n"
		"[     0] build: denied to erin, cancelled\n"
		"[     0] erin < ERR_STOPPING\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n");
	world_destroy(w);
}

static void an_unused_name_leaves_nothing(void)
{
	struct world *w = world_create();
	struct text names = {0};

	opens(w, "alice", "deploy@ttl=1s");
	opens(w, "bob", "deploy@timeout=100ms");
	CHECK_EQUAL(engine_totals(w->engine).names, 1);
	CHECK_EQUAL(engine_totals(w->engine).holders, 1);
	CHECK_EQUAL(engine_totals(w->engine).waiters, 1);
	advance(w, 3000);
	closes(w, "alice", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	view_names(w->engine, LISTING_USED, &names);
	CHECK_EQUAL(names.len, 0);
	CHECK(engine_deadline(w->engine) == NEVER);
	text_finish(&names);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"first come, first served; the release stands before the grant",
			first_come_first_served},
		{"names do not wait for each other", names_do_not_wait_for_each_other},
		{"try never waits", trying_never_waits},
		{"a timeout takes its time, and no more", a_timeout_takes_its_time},
		{"who leaves the middle of a queue moves nobody",
			who_leaves_the_middle_moves_nobody},
		{"a dead holder makes way, and the log says how he died", a_dead_holder_makes_way},
		{"a label stands for the user", a_label_stands_for_the_user},
		{"the longest names", the_longest_names},
		{"a stop sends the waiters away, and who comes after",
			a_stop_sends_the_waiters_away},
		{"an unused name leaves nothing, and no deadline", an_unused_name_leaves_nothing},
	};

	return CHECK_RUN(cases);
}
