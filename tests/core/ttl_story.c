/* Stories about TTLs: renewed, or passed while somebody holds. */
#include "core/timer.h"
#include "story.h"

static void a_ttl_passes(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	opens(w, "bob", "deploy");
	CHECK_EQUAL(world_deadline_ms(w), 2000);
	advance(w, 5000);
	renews(w, "alice", "deploy", NULL);
	renews(w, "alice", "deploy", "1h");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy@ttl=2s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[  2000] deploy: expired under alice\n"
		"[  2000] deploy: granted to bob, token 2\n"
		"[  5000] alice > renew deploy\n"
		"[  5000] alice < ERR_LOST\n"
		"[  5000] alice > renew deploy 1h\n"
		"[  5000] alice < ERR_LOST\n"
		"[  5000] alice > close deploy\n");
	CHECK_EQUAL(engine_counters(w->engine)->expired, 1);
	world_destroy(w);
}

static void a_ttl_runs_from_the_grant(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@ttl=100ms");
	advance(w, 1000);
	closes(w, "alice", "deploy");
	CHECK_EQUAL(world_deadline_ms(w), 1100);
	world_destroy(w);
}

static void renewing_starts_it_again(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	advance(w, 1500);
	renews(w, "alice", "deploy", NULL);
	CHECK_EQUAL(world_deadline_ms(w), 3500);
	advance(w, 1500);
	renews(w, "alice", "deploy", "500ms");
	CHECK_EQUAL(world_deadline_ms(w), 3500);
	advance(w, 400);
	renews(w, "alice", "deploy", NULL);
	advance(w, 1000);
	expect(w,
		"[     0] alice > acquire deploy@ttl=2s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[  1500] alice > renew deploy\n"
		"[  1500] deploy: renewed by alice for 2000\n"
		"[  3000] alice > renew deploy 500ms\n"
		"[  3000] deploy: renewed by alice for 500\n"
		"[  3400] alice > renew deploy\n"
		"[  3400] deploy: renewed by alice for 500\n"
		"[  3900] deploy: expired under alice\n");
	world_destroy(w);
}

static void without_a_ttl_there_is_no_deadline(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	renews(w, "alice", "deploy", NULL);
	CHECK(engine_deadline(w->engine) == NEVER);
	renews(w, "alice", "deploy", "1s");
	CHECK_EQUAL(world_deadline_ms(w), 1000);
	advance(w, 2000);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] alice > renew deploy\n"
		"[     0] deploy: renewed by alice\n"
		"[     0] alice > renew deploy 1s\n"
		"[     0] deploy: renewed by alice for 1000\n"
		"[  1000] deploy: expired under alice\n");
	world_destroy(w);
}

static void only_a_hold_can_be_renewed(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	renews(w, "bob", "deploy", NULL);
	closes(w, "alice", "deploy");
	renews(w, "alice", "deploy", NULL);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] bob > renew deploy\n"
		"[     0] bob < ERR_LOST\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] deploy: granted to bob, token 2\n"
		"[     0] alice > renew deploy\n"
		"[     0] alice < ERR_LOST\n");
	world_destroy(w);
}

static void a_family_renews_by_name(void)
{
	struct world *w = world_create();

	renews_name(w, "alice", "init", "deploy", NULL);
	opens(w, "alice", "deploy@ttl=1s");
	renews_name(w, "alice", "init", "deploy", NULL);
	renews_name(w, "bob", "alice", "deploy", "3s");
	renews_name(w, "carol", "init", "deploy", NULL);
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	expect(w,
		"[     0] alice, child of init > renew by name deploy\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > acquire deploy@ttl=1s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] alice, child of init > renew by name deploy\n"
		"[     0] deploy: renewed by alice for 1000\n"
		"[     0] bob, child of alice > renew by name deploy\n"
		"[     0] deploy: renewed by alice for 3000\n"
		"[     0] carol, child of init > renew by name deploy\n"
		"[     0] carol < ERR_PERMISSION\n");
	world_destroy(w);
}

/* An opener that is not known has process 0, and so ends every chain of ancestors. */
static void nobody_is_the_child_of_a_stranger(void)
{
	struct world *w = world_create();

	opens(w, "nobody/0", "deploy@ttl=1s");
	renews_name(w, "alice", "init", "deploy", NULL);
	expect(w,
		"[     0] nobody/0 > acquire deploy@ttl=1s\n"
		"[     0] deploy: granted to nobody, token 1\n"
		"[     0] alice, child of init > renew by name deploy\n"
		"[     0] alice < ERR_PERMISSION\n");
	world_destroy(w);
}

static void requests_come_before_deadlines(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1s");
	stall(w, 5000);
	renews(w, "alice", "deploy", NULL);
	CHECK_EQUAL(world_deadline_ms(w), 6000);
	expect(w,
		"[     0] alice > acquire deploy@ttl=1s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[  5000] alice > renew deploy\n"
		"[  5000] deploy: renewed by alice for 1000\n");
	world_destroy(w);
}

/* The daemon stood still while a hold expired and then a wait ended: the lock was free in time. */
static void deadlines_fire_in_their_order(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1s");
	opens(w, "bob", "deploy@timeout=2s");
	opens(w, "carol", "deploy@timeout=500ms");
	stall(w, 5000);
	world_tick(w);
	expect(w,
		"[     0] alice > acquire deploy@ttl=1s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=2s\n"
		"[     0] carol > acquire deploy@timeout=500ms\n"
		"[  5000] deploy: denied to carol, timeout\n"
		"[  5000] deploy: expired under alice\n"
		"[  5000] deploy: granted to bob, token 2\n"
		"[  5000] carol < ERR_TIMEOUT\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a TTL passes: the next is granted at that moment, and a lost hold stays lost",
			a_ttl_passes},
		{"a TTL runs from the grant, not from the request", a_ttl_runs_from_the_grant},
		{"renewing starts the TTL again, or another one", renewing_starts_it_again},
		{"without a TTL there is no deadline", without_a_ttl_there_is_no_deadline},
		{"only a hold can be renewed", only_a_hold_can_be_renewed},
		{"a family renews by name what one of it holds", a_family_renews_by_name},
		{"an unknown opener is nobody's ancestor", nobody_is_the_child_of_a_stranger},
		{"requests come before deadlines after a stall", requests_come_before_deadlines},
		{"deadlines fire in their order after a stall", deadlines_fire_in_their_order},
	};

	return CHECK_RUN(cases);
}
