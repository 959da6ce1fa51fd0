/* Stories about permission: whose lock, whose freeze, and who stands above them. */
#include "story.h"

static void who_may_freeze(void)
{
	struct world *w = world_create();

	freezes(w, "alice", "deploy", "10s");
	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	freezes(w, "bob", "deploy", "10s");
	freezes(w, "alice", "@all", "10s");
	freezes(w, "alice/2", "deploy", "10s");
	expect(w,
		"[     0] alice > freeze deploy 10s\n"
		"[     0] deploy: denied to alice, permission\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] bob > freeze deploy 10s\n"
		"[     0] deploy: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > freeze @all 10s\n"
		"[     0] @all: denied to alice, permission\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] alice/2 > freeze deploy 10s\n"
		"[     0] deploy: frozen by alice for 10000\n"
		"[     0] deploy: denied to bob, frozen\n"
		"[     0] bob < ERR_FROZEN\n");
	world_destroy(w);
}

static void who_may_lift(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	freezes(w, "alice", "x", "10s");
	closes(w, "alice", "x");
	unfreezes(w, "bob", "x");
	unfreezes(w, "alice", "x"); /* who set it, without a hold by now */
	opens(w, "bob", "x");
	freezes(w, "root", "x", "10s");
	unfreezes(w, "alice", "x");
	unfreezes(w, "bob", "x"); /* the holder's user */
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] alice > freeze x 10s\n"
		"[     0] x: frozen by alice for 10000\n"
		"[     0] alice > close x\n"
		"[     0] x: released by alice after 0\n"
		"[     0] bob > unfreeze x\n"
		"[     0] x: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > unfreeze x\n"
		"[     0] x: unfrozen by alice\n"
		"[     0] bob > acquire x\n"
		"[     0] x: granted to bob, token 2\n"
		"[     0] root > freeze x 10s\n"
		"[     0] x: frozen by root for 10000\n"
		"[     0] alice > unfreeze x\n"
		"[     0] x: denied to alice, permission\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] bob > unfreeze x\n"
		"[     0] x: unfrozen by bob\n");
	world_destroy(w);
}

static void who_may_lift_a_freeze_of_all(void)
{
	struct world *w = world_create();

	freezes(w, "root", "@all", "10s");
	unfreezes(w, "bob", "@all");
	unfreezes(w, "root", "@all");
	expect(w,
		"[     0] root > freeze @all 10s\n"
		"[     0] @all: frozen by root for 10000\n"
		"[     0] bob > unfreeze @all\n"
		"[     0] @all: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] root > unfreeze @all\n"
		"[     0] @all: unfrozen by root\n");
	world_destroy(w);
}

static void who_may_break(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	breaks(w, "bob", "deploy", 1);
	breaks(w, "alice/2", "deploy", 1);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > break deploy token 1\n"
		"[     0] deploy: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice/2 > break deploy token 1\n"
		"[     0] deploy: alice's token 1 broken by uid 1001\n");
	world_destroy(w);
}

/* An admin may do what root may, and is himself in the log; but nobody's lease is his to renew. */
static void an_admin(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	freezes(w, "ops", "x", "10s");
	freezes(w, "ops", "@all", "10s");
	unfreezes(w, "ops", "@all");
	unfreezes(w, "ops", "x");
	breaks(w, "ops", "x", 1);
	takes(w, "alice", "y", "1m");
	touches(w, "ops", "y", "1h");
	renews_name(w, "ops", "init", "y", "1h");
	breaks(w, "ops", "y", 2);
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] ops > freeze x 10s\n"
		"[     0] x: frozen by ops for 10000\n"
		"[     0] ops > freeze @all 10s\n"
		"[     0] @all: frozen by ops for 10000\n"
		"[     0] ops > unfreeze @all\n"
		"[     0] @all: unfrozen by ops\n"
		"[     0] ops > unfreeze x\n"
		"[     0] x: unfrozen by ops\n"
		"[     0] ops > break x token 1\n"
		"[     0] x: alice's token 1 broken by uid 1015\n"
		"[     0] alice > take y 1m\n"
		"[     0] y: leased to alice, token 2\n"
		"[     0] ops > touch y 1h\n"
		"[     0] y: denied to ops, permission\n"
		"[     0] ops < ERR_PERMISSION\n"
		"[     0] ops, child of init > renew by name y\n"
		"[     0] ops < ERR_PERMISSION\n"
		"[     0] ops > break y token 2\n"
		"[     0] y: alice's token 2 broken by uid 1015\n");
	world_destroy(w);
}

static void who_may_cut_it_short(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=5s");
	opens(w, "alice", "endless");
	renews_name(w, "bob", "alice", "deploy", "10ms");
	renews_name(w, "bob", "alice", "endless", "1h");
	renews_name(w, "bob", "alice", "deploy", "6s");
	advance(w, 100);
	renews_name(w, "bob", "alice", "deploy", NULL);
	renews_name(w, "alice/2", "alice", "deploy", "1s");
	renews_name(w, "ops", "alice", "endless", "1s");
	expect(w,
		"[     0] alice > acquire deploy@ttl=5s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] alice > acquire endless\n"
		"[     0] endless: granted to alice, token 2\n"
		"[     0] bob, child of alice > renew by name deploy\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob, child of alice > renew by name endless\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob, child of alice > renew by name deploy\n"
		"[     0] deploy: renewed by alice for 6000\n"
		"[   100] bob, child of alice > renew by name deploy\n"
		"[   100] deploy: renewed by alice for 6000\n"
		"[   100] alice/2, child of alice > renew by name deploy\n"
		"[   100] deploy: renewed by alice for 1000\n"
		"[   100] ops, child of alice > renew by name endless\n"
		"[   100] endless: renewed by alice for 1000\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"the holder's user and the privileged may freeze", who_may_freeze},
		{"those and who set it may lift", who_may_lift},
		{"who may lift a freeze of everything", who_may_lift_a_freeze_of_all},
		{"the holder's user and the privileged may break", who_may_break},
		{"an admin is privileged", an_admin},
		{"who may break a hold may cut it short, others of its family only renew it",
			who_may_cut_it_short},
	};

	return CHECK_RUN(cases);
}
