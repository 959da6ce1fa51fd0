/* Stories about slots: so many at once, and all say the same number. */
#include "story.h"

static void so_many_at_once(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu@slots=3");
	opens(w, "alice", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "carol", "gpu@slots=3");
	opens(w, "dave", "gpu@slots=3,try");
	opens(w, "erin", "gpu@slots=3");
	closes_id(w, 1);
	closes(w, "bob", "gpu");
	opens(w, "dave", "gpu@slots=3,try");
	closes(w, "carol", "gpu");
	opens(w, "dave", "gpu@slots=3,try");
	expect(w,
		"[     0] alice > acquire gpu@slots=3\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] alice > acquire gpu@slots=3\n"
		"[     0] gpu: granted to alice, token 2\n"
		"[     0] bob > acquire gpu@slots=3\n"
		"[     0] gpu: granted to bob, token 3\n"
		"[     0] carol > acquire gpu@slots=3\n"
		"[     0] dave > acquire gpu@slots=3,try\n"
		"[     0] gpu: denied to dave, held\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] erin > acquire gpu@slots=3\n"
		"[     0] alice > close gpu\n"
		"[     0] gpu: released by alice after 0\n"
		"[     0] gpu: granted to carol, token 4\n"
		"[     0] bob > close gpu\n"
		"[     0] gpu: released by bob after 0\n"
		"[     0] gpu: granted to erin, token 5\n"
		"[     0] dave > acquire gpu@slots=3,try\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] carol > close gpu\n"
		"[     0] gpu: released by carol after 0\n"
		"[     0] dave > acquire gpu@slots=3,try\n"
		"[     0] gpu: granted to dave, token 6\n");
	world_destroy(w);
}

static void all_say_the_same(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=1,try");
	opens(w, "bob", "gpu");
	opens(w, "bob", "gpu@shared");
	opens(w, "bob", "gpu@slots=2");
	closes(w, "alice", "gpu");
	opens(w, "carol", "gpu@slots=3"); /* bob has one still */
	breaks(w, "root", "gpu", 2);
	opens(w, "carol", "gpu@slots=3");
	expect(w,
		"[     0] alice > acquire gpu@slots=2\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] bob > acquire gpu@slots=3\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu@slots=1,try\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu@shared\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu@slots=2\n"
		"[     0] gpu: granted to bob, token 2\n"
		"[     0] alice > close gpu\n"
		"[     0] gpu: released by alice after 0\n"
		"[     0] carol > acquire gpu@slots=3\n"
		"[     0] carol < ERR_INVALID\n"
		"[     0] root > break gpu token 2\n"
		"[     0] gpu: bob's token 2 broken by uid 0\n"
		"[     0] carol > acquire gpu@slots=3\n"
		"[     0] gpu: granted to carol, token 3\n");
	CHECK_EQUAL(engine_counters(w->engine)->denials[REASON_HELD], 0);
	world_destroy(w);
}

static void nothing_said_is_one(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=1");
	closes(w, "alice", "gpu");
	closes(w, "bob", "gpu");
	opens(w, "carol", "gpu@shared");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "bob", "gpu@slots=1,try");
	expect(w,
		"[     0] alice > acquire gpu\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] bob > acquire gpu@slots=2\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu@slots=1\n"
		"[     0] alice > close gpu\n"
		"[     0] gpu: released by alice after 0\n"
		"[     0] gpu: granted to bob, token 2\n"
		"[     0] bob > close gpu\n"
		"[     0] gpu: released by bob after 0\n"
		"[     0] carol > acquire gpu@shared\n"
		"[     0] gpu: granted to carol, token 3\n"
		"[     0] bob > acquire gpu@slots=2\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire gpu@slots=1,try\n"
		"[     0] gpu: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n");
	world_destroy(w);
}

/* While a name is in use, be it by one who waits for a thaw or whose place is kept for a second. */
static void waiting_is_use(void)
{
	struct world *w = world_create();

	freezes(w, "root", "gpu", "1h");
	opens(w, "alice", "gpu@slots=2,frozen=wait");
	opens(w, "bob", "gpu@slots=3,frozen=wait");
	interrupted(w, "alice", "gpu");
	opens(w, "bob", "gpu@slots=3,frozen=wait");
	advance(w, 1000);
	opens(w, "bob", "gpu@slots=3,frozen=wait");
	unfreezes(w, "root", "gpu");
	expect(w,
		"[     0] root > freeze gpu 1h\n"
		"[     0] gpu: frozen by root for 3600000\n"
		"[     0] alice > acquire gpu@slots=2,frozen=wait\n"
		"[     0] bob > acquire gpu@slots=3,frozen=wait\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] alice is interrupted\n"
		"[     0] alice < ERR_INTERRUPTED\n"
		"[     0] bob > acquire gpu@slots=3,frozen=wait\n"
		"[     0] bob < ERR_INVALID\n"
		"[  1000] gpu: denied to alice, cancelled\n"
		"[  1000] bob > acquire gpu@slots=3,frozen=wait\n"
		"[  1000] root > unfreeze gpu\n"
		"[  1000] gpu: unfrozen by root\n"
		"[  1000] gpu: granted to bob, token 1\n");
	world_destroy(w);
}

/* A refusal leaves the other names of a group as they were. */
static void a_group_agrees_at_each_name(void)
{
	struct world *w = world_create();

	opens(w, "alice", "b@slots=2");
	opens(w, "bob", "a+b");
	opens(w, "bob", "a+b+c@slots=2");
	opens(w, "carol", "a@slots=2");
	opens(w, "dave", "c+d@slots=3");
	CHECK_EQUAL(engine_totals(w->engine).names, 3);
	opens(w, "dave", "d@slots=3");
	opens(w, "erin", "b@slots=2");
	closes(w, "alice", "b");
	expect(w,
		"[     0] alice > acquire b@slots=2\n"
		"[     0] b: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] bob < ERR_INVALID\n"
		"[     0] bob > acquire a+b+c@slots=2\n"
		"[     0] a+b+c: granted to bob, token 2\n"
		"[     0] carol > acquire a@slots=2\n"
		"[     0] a: granted to carol, token 3\n"
		"[     0] dave > acquire c+d@slots=3\n"
		"[     0] dave < ERR_INVALID\n"
		"[     0] dave > acquire d@slots=3\n"
		"[     0] d: granted to dave, token 4\n"
		"[     0] erin > acquire b@slots=2\n"
		"[     0] alice > close b\n"
		"[     0] b: released by alice after 0\n"
		"[     0] b: granted to erin, token 5\n");
	world_destroy(w);
}

static void each_slot_is_lost_alone(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu@slots=2,ttl=1s");
	opens(w, "bob", "gpu@slots=2");
	opens(w, "carol", "gpu@slots=2");
	opens(w, "dave", "gpu@slots=2");
	advance(w, 1000);
	breaks(w, "root", "gpu", 2);
	dies(w, "carol", "gpu", 9);
	expect(w,
		"[     0] alice > acquire gpu@slots=2,ttl=1s\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] bob > acquire gpu@slots=2\n"
		"[     0] gpu: granted to bob, token 2\n"
		"[     0] carol > acquire gpu@slots=2\n"
		"[     0] dave > acquire gpu@slots=2\n"
		"[  1000] gpu: expired under alice\n"
		"[  1000] gpu: granted to carol, token 3\n"
		"[  1000] root > break gpu token 2\n"
		"[  1000] gpu: bob's token 2 broken by uid 0\n"
		"[  1000] gpu: granted to dave, token 4\n"
		"[  1000] carol dies holding gpu\n"
		"[  1000] gpu: pruned, carol killed 9\n");
	world_destroy(w);
}

/* A lease is a hold of the one slot that nobody has to mention. */
static void leases_and_slots(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu@slots=2");
	takes(w, "bob", "gpu", "1m");
	closes(w, "alice", "gpu");
	takes(w, "bob", "gpu", "1m");
	opens(w, "alice", "gpu@slots=2");
	opens(w, "alice", "gpu@slots=1,try");
	expect(w,
		"[     0] alice > acquire gpu@slots=2\n"
		"[     0] gpu: granted to alice, token 1\n"
		"[     0] bob > take gpu 1m\n"
		"[     0] gpu: denied to bob, held\n"
		"[     0] bob < ERR_EXISTS\n"
		"[     0] alice > close gpu\n"
		"[     0] gpu: released by alice after 0\n"
		"[     0] bob > take gpu 1m\n"
		"[     0] gpu: leased to bob, token 2\n"
		"[     0] alice > acquire gpu@slots=2\n"
		"[     0] alice < ERR_INVALID\n"
		"[     0] alice > acquire gpu@slots=1,try\n"
		"[     0] gpu: denied to alice, held\n"
		"[     0] alice < ERR_WOULD_WAIT\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"so many hold at once, and the next wait in line", so_many_at_once},
		{"all say the same number while there is use", all_say_the_same},
		{"who says nothing says one, and so does who shares", nothing_said_is_one},
		{"waiting is use too", waiting_is_use},
		{"a group agrees at each of its names, or changes nothing",
			a_group_agrees_at_each_name},
		{"each slot is lost alone", each_slot_is_lost_alone},
		{"leases and slots", leases_and_slots},
	};

	return CHECK_RUN(cases);
}
