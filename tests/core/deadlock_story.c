/* Stories about deadlocks: who waits for himself is told so, and nobody else is. */
#include "story.h"

static void two_processes(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "b");
	opens(w, "alice", "b");
	advance(w, 100);
	opens(w, "bob", "a");
	CHECK_EQUAL(world_deadline_ms(w), 500);
	advance(w, 499);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	advance(w, 1000);
	closes(w, "bob", "b");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] alice > acquire b\n"
		"[   100] bob > acquire a\n"
		"[   600] a: denied to bob, "
		"deadlock,\"cycle\":[{\"pid\":1002,\"name\":\"a\"},{\"pid\":1001,\"name\":\"b\"}]\n"
		"[   600] bob < ERR_DEADLOCK\n"
		"[  1599] bob > close b\n"
		"[  1599] b: released by bob after 1599\n"
		"[  1599] b: granted to alice, token 3\n");
	CHECK_EQUAL(engine_counters(w->engine)->denials[REASON_DEADLOCK], 1);
	world_destroy(w);
}

static void three_processes(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "b");
	opens(w, "carol", "c");
	opens(w, "alice", "b");
	opens(w, "bob", "c");
	opens(w, "dave", "a");
	opens(w, "carol", "a");
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] carol > acquire c\n"
		"[     0] c: granted to carol, token 3\n"
		"[     0] alice > acquire b\n"
		"[     0] bob > acquire c\n"
		"[     0] dave > acquire a\n"
		"[     0] carol > acquire a\n"
		"[   500] a: denied to carol, "
		"deadlock,\"cycle\":[{\"pid\":1003,\"name\":\"a\"},{\"pid\":1001,\"name\":\"b\"},{"
		"\"pid\":1002,\"name\":\"c\"}]\n"
		"[   500] carol < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* The opener himself has what he waits for. */
static void one_alone(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "alice", "a");
	advance(w, 500);
	opens(w, "bob", "b+c");
	opens(w, "bob", "c+d");
	advance(w, 500);
	w->told = w->story.len;
	opens(w, "alice", "z");
	opens(w, "alice", "z");
	advance(w, 500);
	expect(w,
		"[  1000] alice > acquire z\n"
		"[  1000] z: granted to alice, token 3\n"
		"[  1000] alice > acquire z\n"
		"[  1500] z: denied to alice, deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"z\"}]\n"
		"[  1500] alice < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* Two who read wait for each other to stop, so that each may write. */
static void both_upgrade(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data@shared");
	opens(w, "carol", "data@shared");
	opens(w, "alice", "data");
	closes(w, "carol", "data");
	closes(w, "bob", "data"); /* what alice has herself is enough */
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] carol > acquire data@shared\n"
		"[     0] data: granted to carol, token 3\n"
		"[     0] alice > acquire data\n"
		"[     0] carol > close data\n"
		"[     0] data: released by carol after 0\n"
		"[     0] bob > close data\n"
		"[     0] data: released by bob after 0\n"
		"[   500] data: denied to alice, "
		"deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"data\"}]\n"
		"[   500] alice < ERR_DEADLOCK\n");
	world_destroy(w);
	w = world_suspicious();
	opens(w, "alice", "data@shared");
	opens(w, "bob", "data@shared");
	seen(w, "alice", 1, false); /* … which the host must see */
	opens(w, "bob", "data");
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] alice has not data\n"
		"[     0] bob > acquire data\n"
		"[   500] data: denied to bob, "
		"deadlock,\"cycle\":[{\"pid\":1002,\"name\":\"data\"}]\n"
		"[   500] bob < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* A slot given back is enough, so all of them must lead back. */
static void all_slots_lead_back(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "carol", "x");
	opens(w, "carol", "y");
	opens(w, "alice", "x");
	opens(w, "bob", "y@timeout=800ms");
	advance(w, 700);
	opens(w, "carol", "gpu@slots=2");
	advance(w, 1000); /* bob gave up in time: he may give his slot back */
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	interrupted(w, "carol", "gpu");
	opens(w, "bob", "y");
	advance(w, 900);
	opens(w, "carol", "gpu@slots=2");
	expect(w,
		"[     0] alice > acquire gpu@slots=2\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] bob > acquire gpu@slots=2\n"
		"[     0] gpu: granted to bob, token 2\n"
		"[     0] carol > acquire x\n"
		"[     0] x: granted to carol, token 3\n"
		"[     0] carol > acquire y\n"
		"[     0] y: granted to carol, token 4\n"
		"[     0] alice > acquire x\n"
		"[     0] bob > acquire y@timeout=800ms\n"
		"[   700] carol > acquire gpu@slots=2\n"
		"[   800] y: denied to bob, timeout\n"
		"[   800] bob < ERR_TIMEOUT\n"
		"[  1700] carol is interrupted\n"
		"[  1700] carol < ERR_INTERRUPTED\n"
		"[  1700] bob > acquire y\n"
		"[  2600] carol > acquire gpu@slots=2\n"
		"[  2600] gpu: denied to carol, "
		"deadlock,\"cycle\":[{\"pid\":1003,\"name\":\"gpu\"},{\"pid\":1002,\"name\":\"y\"}]"
		"\n"
		"[  2600] carol < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* One of them leads round among the others: they do not go on either. */
static void slots_that_lead_round(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "alice", "x");
	opens(w, "alice", "gpu@slots=2");
	advance(w, 1000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	opens(w, "bob", "x");
	advance(w, 500);
	CHECK(engine_waits(w->engine, 4) && !engine_waits(w->engine, 5));
	world_destroy(w);
	w = world_suspicious();
	opens(w, "alice", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "carol", "x");
	opens(w, "carol", "y");
	opens(w, "alice", "x");
	opens(w, "carol", "gpu@slots=2");
	advance(w, 1000);
	opens(w, "bob", "y");
	opens(w, "dave", "gpu@slots=2"); /* waits for all of them, and none for him */
	advance(w, 500);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 1);
	CHECK(engine_waits(w->engine, 5) && engine_waits(w->engine, 6));
	CHECK(!engine_waits(w->engine, 7) && engine_waits(w->engine, 8));
	world_destroy(w);
}

/* What holds back is a group that waits, not a hold. */
static void behind_a_group(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "a+b"); /* waits for alice … */
	opens(w, "alice", "b"); /* … and she behind him */
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] alice > acquire b\n"
		"[   500] b: denied to alice, "
		"deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"b\"},{\"pid\":1002,\"name\":\"a\"}]\n"
		"[   500] alice < ERR_DEADLOCK\n");
	closes(w, "alice", "a");
	world_destroy(w);
}

/* He was passed over when she was looked at first; the next look sees him. */
static void behind_a_group_that_came_back(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "carol", "b");
	opens(w, "bob", "a+b");
	advance(w, 100);
	interrupted(w, "bob", "a+b");
	opens(w, "alice", "b");
	advance(w, 900);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	opens(w, "bob", "a+b");
	closes(w, "carol", "b");
	advance(w, 1000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 1);
	world_destroy(w);
}

/* A process that had several threads at first: it is looked at again, ever more seldom. */
static void seen_at_last(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	visible(w, "alice", false);
	opens(w, "alice", "a");
	for (uint64_t ms = 500; ms < 40000; ms *= 2) {
		CHECK_EQUAL(world_deadline_ms(w), ms);
		advance(w, ms == 500 ? ms : ms / 2);
	}
	visible(w, "alice", true);
	w->told = w->story.len;
	advance(w, 64000);
	expect(w,
		"[ 64000] a: denied to alice, deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"a\"}]\n"
		"[ 64000] alice < ERR_DEADLOCK\n");
	world_destroy(w);
}

static void groups_hold_several(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a+b");
	opens(w, "bob", "c+d");
	opens(w, "bob", "b+e");
	opens(w, "alice", "d+f");
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire a+b\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] bob > acquire c+d\n"
		"[     0] c+d: granted to bob, token 2\n"
		"[     0] bob > acquire b+e\n"
		"[     0] alice > acquire d+f\n"
		"[   500] d+f: denied to alice, "
		"deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"d\"},{\"pid\":1002,\"name\":\"b\"}]\n"
		"[   500] alice < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* A child has inherited what its parent opened; the parent waits, or has closed it. */
static void descriptors_are_handed_on(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	seen(w, "carol", 1, true);
	seen(w, "alice", 1, false);
	opens(w, "bob", "b");
	opens(w, "bob", "a");
	opens(w, "alice", "b"); /* has nothing that anybody waits for */
	advance(w, 600);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	opens(w, "carol", "b");
	advance(w, 500);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] carol has a\n"
		"[     0] alice has not a\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] bob > acquire a\n"
		"[     0] alice > acquire b\n"
		"[   600] carol > acquire b\n"
		"[  1100] b: denied to carol, "
		"deadlock,\"cycle\":[{\"pid\":1003,\"name\":\"b\"},{\"pid\":1002,\"name\":\"a\"}]\n"
		"[  1100] carol < ERR_DEADLOCK\n");
	world_destroy(w);
}

static void who_is_interrupted_does_not_wait(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "b");
	opens(w, "alice", "b");
	opens(w, "bob", "a");
	advance(w, 499);
	interrupted(w, "alice", "b");
	advance(w, 900);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	opens(w, "alice", "b"); /* she has waited long enough by now */
	advance(w, 10);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] alice > acquire b\n"
		"[     0] bob > acquire a\n"
		"[   499] alice is interrupted\n"
		"[   499] alice < ERR_INTERRUPTED\n"
		"[  1399] alice > acquire b\n"
		"[  1399] b: denied to alice, "
		"deadlock,\"cycle\":[{\"pid\":1001,\"name\":\"b\"},{\"pid\":1002,\"name\":\"a\"}]\n"
		"[  1399] alice < ERR_DEADLOCK\n");
	world_destroy(w);
}

/* The contract knows no exception for who would give up later. */
static void a_long_wait_is_a_wait(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a@ttl=1h");
	opens(w, "bob", "b@ttl=1h");
	opens(w, "alice", "b@timeout=1h");
	opens(w, "bob", "a@timeout=1h");
	advance(w, 500);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 1);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"two processes: after half a second, to who completed the cycle", two_processes},
		{"three processes, and one who only waits", three_processes},
		{"one who waits for his own hold", one_alone},
		{"two who read and would write", both_upgrade},
		{"of slots all lead back", all_slots_lead_back},
		{"behind a group that waits", behind_a_group},
		{"of slots some lead round", slots_that_lead_round},
		{"behind a group that was interrupted and came back",
			behind_a_group_that_came_back},
		{"seen at last", seen_at_last},
		{"groups hold several names", groups_hold_several},
		{"descriptors that were handed on", descriptors_are_handed_on},
		{"who is interrupted does not wait", who_is_interrupted_does_not_wait},
		{"a long TTL and a long wait are no excuse", a_long_wait_is_a_wait},
	};

	return CHECK_RUN(cases);
}
