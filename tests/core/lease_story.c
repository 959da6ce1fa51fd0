/* Stories about leases: holds that no process has, on the same locks as the others. */
#include "story.h"

static void a_lease_outlives_its_maker(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "10m");
	opens(w, "bob", "build");
	advance(w, 60000);
	CHECK_EQUAL(engine_lease(w->engine, "build"), 1);
	touches(w, "alice/2", "build", NULL);
	removes(w, "alice/3", "build");
	CHECK_EQUAL(engine_lease(w->engine, "build"), 0);
	expect(w,
		"[     0] alice > take build 10m\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] bob > acquire build\n"
		"[ 60000] alice/2 > touch build\n"
		"[ 60000] build: renewed by alice for 600000\n"
		"[ 60000] alice/3 > remove build\n"
		"[ 60000] build: released by alice after 60000\n"
		"[ 60000] build: granted to bob, token 2\n");
	CHECK_EQUAL(engine_counters(w->engine)->releases, 1);
	world_destroy(w);
}

/* By a lease or an open, one's own too, however it is held; and it never waits. */
static void what_is_held_is_not_taken(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	takes(w, "alice", "a", "1m");
	takes(w, "alice", "a@owner=ci", "1m");
	takes(w, "bob", "a", "1m");
	opens(w, "alice", "b@shared");
	takes(w, "alice", "b", "1m");
	opens(w, "carol", "c+d");
	takes(w, "carol", "d", "1m");
	removes(w, "alice", "a");
	takes(w, "bob", "a", "1m");
	expect(w,
		"[     0] alice > take a 1m\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] alice > take a 1m\n"
		"[     0] a: denied to alice, held\n"
		"[     0] alice < ERR_EXISTS\n"
		"[     0] alice > take a@owner=ci 1m\n"
		"[     0] alice < ERR_EXISTS\n"
		"[     0] bob > take a 1m\n"
		"[     0] a: denied to bob, held\n"
		"[     0] bob < ERR_EXISTS\n"
		"[     0] alice > acquire b@shared\n"
		"[     0] b: granted to alice, token 2\n"
		"[     0] alice > take b 1m\n"
		"[     0] b: denied to alice, held\n"
		"[     0] alice < ERR_EXISTS\n"
		"[     0] carol > acquire c+d\n"
		"[     0] c+d: granted to carol, token 3\n"
		"[     0] carol > take d 1m\n"
		"[     0] d: denied to carol, held\n"
		"[     0] carol < ERR_EXISTS\n"
		"[     0] alice > remove a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] bob > take a 1m\n"
		"[     0] a: leased to bob, token 4\n");
	world_destroy(w);
}

static void what_others_wait_for_is_not_taken(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a+b");
	takes(w, "carol", "b", "1m");
	interrupted(w, "bob", "a+b"); /* who is paused holds nobody back */
	takes(w, "carol", "b", "1m");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] carol > take b 1m\n"
		"[     0] b: denied to carol, held\n"
		"[     0] carol < ERR_WOULD_WAIT\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] carol > take b 1m\n"
		"[     0] b: leased to carol, token 2\n");
	world_destroy(w);
}

static void what_is_frozen_is_not_taken(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	freezes(w, "root", "@all", "1s");
	takes(w, "alice", "b", "1m");
	touches(w, "alice", "a", "2m");
	removes(w, "alice", "a");
	takes(w, "alice", "a", "1m");
	advance(w, 1000);
	takes(w, "alice", "a", "1m");
	freezes(w, "alice", "a", "1s"); /* the holder's user may */
	expect(w,
		"[     0] alice > take a 1m\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] root > freeze @all 1s\n"
		"[     0] @all: frozen by root for 1000\n"
		"[     0] alice > take b 1m\n"
		"[     0] b: denied to alice, frozen\n"
		"[     0] alice < ERR_FROZEN\n"
		"[     0] alice > touch a 2m\n"
		"[     0] a: renewed by alice for 120000\n"
		"[     0] alice > remove a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] alice > take a 1m\n"
		"[     0] a: denied to alice, frozen\n"
		"[     0] alice < ERR_FROZEN\n"
		"[  1000] @all: thawed\n"
		"[  1000] alice > take a 1m\n"
		"[  1000] a: leased to alice, token 2\n"
		"[  1000] alice > freeze a 1s\n"
		"[  1000] a: frozen by alice for 1000\n");
	world_destroy(w);
}

/* The descriptor that took it: what it writes is refused, or is the TTL. */
static void the_taker_gives_it_back(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "15m");
	renews(w, "alice", "build", "10m");
	CHECK_EQUAL(world_deadline_ms(w), 600000);
	closes(w, "alice", "build");
	takes(w, "alice", "build", "15m");
	closes_id(w, w->n_requests);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	expect(w,
		"[     0] alice > take build 15m\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] alice > renew build 10m\n"
		"[     0] build: renewed by alice for 600000\n"
		"[     0] alice > close build\n"
		"[     0] build: released by alice after 0\n"
		"[     0] alice > take build 15m\n"
		"[     0] build: leased to alice, token 2\n"
		"[     0] alice > close build\n"
		"[     0] build: released by alice after 0\n");
	world_destroy(w);
}

static void it_expires(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "1m");
	opens(w, "bob", "build");
	CHECK_EQUAL(world_deadline_ms(w), 60000);
	advance(w, 59999);
	touches(w, "alice", "build", "2s");
	advance(w, 2000);
	touches(w, "alice", "build", "2s");
	expect(w,
		"[     0] alice > take build 1m\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] bob > acquire build\n"
		"[ 59999] alice > touch build 2s\n"
		"[ 59999] build: renewed by alice for 2000\n"
		"[ 61999] build: expired under alice\n"
		"[ 61999] build: granted to bob, token 2\n"
		"[ 61999] alice > touch build 2s\n"
		"[ 61999] alice < ERR_ABSENT\n");
	CHECK_EQUAL(engine_counters(w->engine)->expired, 1);
	world_destroy(w);
}

/* A lease's time goes on while the machine sleeps, that of an open hold does not. */
static void sleep_counts(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	takes(w, "alice", "b", "1h");
	opens(w, "bob", "c@ttl=1m");
	suspended(w, 60000);
	CHECK_EQUAL(engine_lease(w->engine, "a"), 0);
	CHECK(engine_holds(w->engine, 3));
	suspended(w, 3540000);
	expect(w,
		"[     0] alice > take a 1m\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] alice > take b 1h\n"
		"[     0] b: leased to alice, token 2\n"
		"[     0] bob > acquire c@ttl=1m\n"
		"[     0] c: granted to bob, token 3\n"
		"[     0] suspended\n"
		"[ 60000] a: expired under alice\n"
		"[ 60000] suspended\n"
		"[3600000] b: expired under alice\n");
	world_destroy(w);
}

/* After a stall what is due fires in the order in which it was, whichever clock it runs on. */
static void deadlines_of_all_clocks(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1s");
	opens(w, "bob", "a@timeout=2s");
	takes(w, "alice", "b", "3s");
	opens(w, "carol", "b@timeout=2s");
	freezes(w, "root", "c", "1s");
	opens(w, "dave", "c@frozen=wait,timeout=1s");
	takes(w, "alice", "d", "1s");
	opens(w, "erin", "d@timeout=1s");
	stall(w, 5000);
	world_tick(w);
	expect(w,
		"[     0] alice > take a 1s\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] bob > acquire a@timeout=2s\n"
		"[     0] alice > take b 3s\n"
		"[     0] b: leased to alice, token 2\n"
		"[     0] carol > acquire b@timeout=2s\n"
		"[     0] root > freeze c 1s\n"
		"[     0] c: frozen by root for 1000\n"
		"[     0] dave > acquire c@frozen=wait,timeout=1s\n"
		"[     0] alice > take d 1s\n"
		"[     0] d: leased to alice, token 3\n"
		"[     0] erin > acquire d@timeout=1s\n"
		"[  5000] c: thawed\n"
		"[  5000] c: granted to dave, token 4\n"
		"[  5000] a: expired under alice\n"
		"[  5000] a: granted to bob, token 5\n"
		"[  5000] d: expired under alice\n"
		"[  5000] d: granted to erin, token 6\n"
		"[  5000] b: denied to carol, timeout\n"
		"[  5000] b: expired under alice\n"
		"[  5000] carol < ERR_TIMEOUT\n");
	world_destroy(w);
}

static void a_stop_refuses_it(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	world_stop(w);
	takes(w, "alice", "b", "1m");
	CHECK_EQUAL(world_answers(w, ERR_STOPPING), 1);
	CHECK_EQUAL(engine_totals(w->engine).leases, 1); /* and leaves those that are */
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a lease outlives its maker, and ends when it is removed",
			a_lease_outlives_its_maker},
		{"what is held, by anyone and anyhow, is not taken", what_is_held_is_not_taken},
		{"what others wait for is not taken", what_others_wait_for_is_not_taken},
		{"what is frozen is not taken, and may be renewed and removed",
			what_is_frozen_is_not_taken},
		{"the descriptor that took it sets its TTL or gives it back",
			the_taker_gives_it_back},
		{"it expires", it_expires},
		{"a stop refuses a new one", a_stop_refuses_it},
		{"sleep counts", sleep_counts},
		{"deadlines of all clocks fire in their order", deadlines_of_all_clocks},
	};

	return CHECK_RUN(cases);
}
