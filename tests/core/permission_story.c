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

int main(void)
{
	static const struct check_case cases[] = {
		{"the holder's user and the privileged may freeze", who_may_freeze},
		{"those and who set it may lift", who_may_lift},
		{"who may lift a freeze of everything", who_may_lift_a_freeze_of_all},
		{"the holder's user and the privileged may break", who_may_break},
	};

	return CHECK_RUN(cases);
}
