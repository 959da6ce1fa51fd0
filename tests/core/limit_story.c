/* Stories about limits: who runs away is stopped before anybody else suffers. */
#include <stdio.h>

#include "story.h"

static void holds(void)
{
	struct world *w = world_limited(LIMIT_HOLDS, 2, 3);

	opens(w, "alice", "a");
	opens(w, "alice", "b+c");
	opens(w, "alice", "d");
	opens(w, "bob", "d");
	opens(w, "bob", "e"); /* the total */
	opens(w, "alice", "a@try");
	opens(w, "carol", "a");
	closes_id(w, 1);
	opens(w, "alice", "d@try");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] alice > acquire b+c\n"
		"[     0] b+c: granted to alice, token 2\n"
		"[     0] alice > acquire d\n"
		"[     0] d: denied to alice, limit,\"limit\":\"max_holds\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] bob > acquire d\n"
		"[     0] d: granted to bob, token 3\n"
		"[     0] bob > acquire e\n"
		"[     0] e: denied to bob, limit,\"limit\":\"max_holds\"\n"
		"[     0] bob < ERR_LIMIT\n"
		"[     0] alice > acquire a@try\n"
		"[     0] a: denied to alice, held\n"
		"[     0] alice < ERR_WOULD_WAIT\n"
		"[     0] carol > acquire a\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a: granted to carol, token 4\n"
		"[     0] alice > acquire d@try\n"
		"[     0] d: denied to alice, held\n"
		"[     0] alice < ERR_WOULD_WAIT\n");
	CHECK_EQUAL(engine_counters(w->engine)->denials[REASON_LIMIT], 2);
	world_destroy(w);
}

/* Whose turn comes may have as much as he can hold by now: the next one is not held up. */
static void a_turn_that_cannot_be_taken(void)
{
	struct world *w = world_limited(LIMIT_HOLDS, 1, 100);

	opens(w, "alice", "a");
	opens(w, "bob", "a");
	opens(w, "carol", "a");
	opens(w, "bob", "b");
	closes(w, "alice", "a");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a\n"
		"[     0] carol > acquire a\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a: denied to bob, limit,\"limit\":\"max_holds\"\n"
		"[     0] a: granted to carol, token 3\n"
		"[     0] bob < ERR_LIMIT\n");
	world_destroy(w);
}

static void waiters(void)
{
	struct world *w = world_limited(LIMIT_WAITERS, 2, 3);

	opens(w, "alice", "a");
	opens(w, "bob", "a");
	opens(w, "bob", "a");
	opens(w, "bob", "a");
	opens(w, "bob", "a@try"); /* never waits */
	opens(w, "bob", "b");     /* nor does who need not */
	opens(w, "carol", "a");
	opens(w, "dave", "a"); /* the total */
	interrupted_id(w, 2);
	opens(w, "bob/2", "a"); /* a place that is kept counts */
	opens(w, "bob", "a");   /* and is his when he comes back */
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a\n"
		"[     0] bob > acquire a\n"
		"[     0] bob > acquire a\n"
		"[     0] a: denied to bob, limit,\"limit\":\"max_waiters\"\n"
		"[     0] bob < ERR_LIMIT\n"
		"[     0] bob > acquire a@try\n"
		"[     0] a: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] carol > acquire a\n"
		"[     0] dave > acquire a\n"
		"[     0] a: denied to dave, limit,\"limit\":\"max_waiters\"\n"
		"[     0] dave < ERR_LIMIT\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] bob/2 > acquire a\n"
		"[     0] bob/2 < ERR_LIMIT\n"
		"[     0] bob > acquire a\n");
	world_destroy(w);
}

static void leases(void)
{
	struct world *w = world_limited(LIMIT_LEASES, 1, 2);

	takes(w, "alice", "a", "1m");
	takes(w, "alice", "b@owner=ci", "1m");
	touches(w, "alice", "a", "2m");
	opens(w, "alice", "b");
	takes(w, "bob", "c", "1m");
	takes(w, "carol", "d", "1m"); /* the total */
	takes(w, "bob", "a", "1m");   /* is held in the first place */
	removes(w, "root", "a");
	takes(w, "alice", "e", "1m");
	expect(w,
		"[     0] alice > take a 1m\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] alice > take b@owner=ci 1m\n"
		"[     0] b: denied to ci, limit,\"limit\":\"max_leases\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] alice > touch a 2m\n"
		"[     0] a: renewed by alice for 120000\n"
		"[     0] alice > acquire b\n"
		"[     0] b: granted to alice, token 2\n"
		"[     0] bob > take c 1m\n"
		"[     0] c: leased to bob, token 3\n"
		"[     0] carol > take d 1m\n"
		"[     0] d: denied to carol, limit,\"limit\":\"max_leases\"\n"
		"[     0] carol < ERR_LIMIT\n"
		"[     0] bob > take a 1m\n"
		"[     0] a: denied to bob, held\n"
		"[     0] bob < ERR_EXISTS\n"
		"[     0] root > remove a\n"
		"[     0] a: alice's token 1 broken by uid 0\n"
		"[     0] alice > take e 1m\n"
		"[     0] e: leased to alice, token 4\n");
	world_destroy(w);
}

static void freezes_(void)
{
	struct world *w = world_limited(LIMIT_FREEZES, 1, 2);

	opens(w, "alice", "a+b");
	freezes(w, "alice", "a", "1m");
	freezes(w, "alice", "b", "1m");
	freezes(w, "alice", "a", "2m"); /* the same again is no more than one */
	freezes(w, "root", "@all", "1m");
	freezes(w, "ops", "c", "1m"); /* the total */
	freezes(w, "bob", "a", "1m");
	unfreezes(w, "alice", "a");
	freezes(w, "alice", "b", "1m");
	advance(w, 60000);
	freezes(w, "alice", "b", "1m");
	expect(w,
		"[     0] alice > acquire a+b\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] alice > freeze a 1m\n"
		"[     0] a: frozen by alice for 60000\n"
		"[     0] alice > freeze b 1m\n"
		"[     0] b: denied to alice, limit,\"limit\":\"max_freezes\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] alice > freeze a 2m\n"
		"[     0] a: frozen by alice for 120000\n"
		"[     0] root > freeze @all 1m\n"
		"[     0] @all: frozen by root for 60000\n"
		"[     0] ops > freeze c 1m\n"
		"[     0] c: denied to ops, limit,\"limit\":\"max_freezes\"\n"
		"[     0] ops < ERR_LIMIT\n"
		"[     0] bob > freeze a 1m\n"
		"[     0] a: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > unfreeze a\n"
		"[     0] a: unfrozen by alice\n"
		"[     0] alice > freeze b 1m\n"
		"[     0] b: frozen by alice for 60000\n"
		"[ 60000] @all: thawed\n"
		"[ 60000] b: thawed\n"
		"[ 60000] alice > freeze b 1m\n"
		"[ 60000] b: frozen by alice for 60000\n");
	world_destroy(w);
}

static void readers(void)
{
	struct world *w = world_limited(LIMIT_READERS, 2, 3);

	reads(w, "alice");
	reads(w, "alice");
	reads(w, "alice");
	reads(w, "bob");
	reads(w, "carol"); /* the total */
	stops_reading(w, "alice");
	reads(w, "carol");
	stops_reading(w, "dave"); /* who reads nothing */
	reads(w, "bob");
	expect(w,
		"[     0] alice > read audit\n"
		"[     0] alice < OK\n"
		"[     0] alice > read audit\n"
		"[     0] alice < OK\n"
		"[     0] alice > read audit\n"
		"[     0] : denied to alice, limit,\"limit\":\"max_readers\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] bob > read audit\n"
		"[     0] bob < OK\n"
		"[     0] carol > read audit\n"
		"[     0] : denied to carol, limit,\"limit\":\"max_readers\"\n"
		"[     0] carol < ERR_LIMIT\n"
		"[     0] alice > close audit\n"
		"[     0] carol > read audit\n"
		"[     0] carol < OK\n"
		"[     0] dave > close audit\n"
		"[     0] bob > read audit\n"
		"[     0] : denied to bob, limit,\"limit\":\"max_readers\"\n"
		"[     0] bob < ERR_LIMIT\n");
	world_destroy(w);
}

static void names(void)
{
	struct world *w = world_limited(LIMIT_NAMES, 3, 4);

	opens(w, "alice", "a+b+c");
	opens(w, "alice", "d");
	opens(w, "bob", "a"); /* a wait counts too: the total */
	opens(w, "carol", "e");
	takes(w, "carol", "e", "1m");
	closes(w, "alice", "a+b+c");
	opens(w, "bob", "c+d+e");
	opens(w, "bob", "c+d");
	opens(w, "bob", "f+g+h+i"); /* more than anybody may have */
	expect(w,
		"[     0] alice > acquire a+b+c\n"
		"[     0] a+b+c: granted to alice, token 1\n"
		"[     0] alice > acquire d\n"
		"[     0] d: denied to alice, limit,\"limit\":\"max_names\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] bob > acquire a\n"
		"[     0] carol > acquire e\n"
		"[     0] e: denied to carol, limit,\"limit\":\"max_names\"\n"
		"[     0] carol < ERR_LIMIT\n"
		"[     0] carol > take e 1m\n"
		"[     0] carol < ERR_LIMIT\n"
		"[     0] alice > close a+b+c\n"
		"[     0] a+b+c: released by alice after 0\n"
		"[     0] a: granted to bob, token 2\n"
		"[     0] bob > acquire c+d+e\n"
		"[     0] c+d+e: denied to bob, limit,\"limit\":\"max_names\"\n"
		"[     0] bob < ERR_LIMIT\n"
		"[     0] bob > acquire c+d\n"
		"[     0] c+d: granted to bob, token 3\n"
		"[     0] bob > acquire f+g+h+i\n"
		"[     0] f+g+h+i: denied to bob, limit,\"limit\":\"max_names\"\n"
		"[     0] bob < ERR_LIMIT\n");
	world_destroy(w);
}

/* One who asks without end has his limit, and the next user notices nothing. */
static void others_are_not_harmed(void)
{
	struct world *w = world_limited(LIMIT_WAITERS, 10, 40);
	char spec[16];

	w->settings.limits.user[LIMIT_HOLDS] = 10;
	world_configure(w);
	for (int i = 0; i < 1000; i++) {
		snprintf(spec, sizeof(spec), "x%d", i % 20);
		opens(w, "mallory", spec);
	}
	CHECK_EQUAL(world_answers(w, OK), 10);
	CHECK_EQUAL(world_answers(w, ERR_LIMIT), 980);
	opens(w, "alice", "a");
	opens(w, "bob", "a");
	opens(w, "carol", "a");
	CHECK_EQUAL(world_answers(w, ERR_LIMIT), 980);
	CHECK_EQUAL(engine_totals(w->engine).waiters, 12);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"holds, of one user and of all", holds},
		{"whose turn comes at his limit does not hold up the next",
			a_turn_that_cannot_be_taken},
		{"waiters, places that are kept among them", waiters},
		{"leases", leases},
		{"freezes", freezes_},
		{"readers of the audit stream", readers},
		{"names", names},
		{"others are not harmed", others_are_not_harmed},
	};

	return CHECK_RUN(cases);
}
