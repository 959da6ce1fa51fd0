/* Stories about leases: whose they are, and what others may do with them. */
#include "story.h"

static void only_its_owner_renews(void)
{
	struct world *w = world_create();

	touches(w, "alice", "build", "1h"); /* absent: it is never re-taken in silence */
	reopens(w, "alice", "build");
	takes(w, "alice", "build@owner=ci:7", "10m");
	touches(w, "alice", "build@owner=ci:7", NULL);
	reopens(w, "alice", "build@owner=ci:7");
	touches(w, "alice", "build", "1h");
	reopens(w, "alice", "build@owner=ci");
	touches(w, "bob", "build@owner=ci:7", "1h");
	reopens(w, "bob", "build@owner=ci:7");
	touches(w, "root", "build", "1h");
	touches(w, "root", "build@owner=ci:7", "1h");
	CHECK_EQUAL(world_deadline_ms(w), 1000); /* of the denials */
	expect(w,
		"[     0] alice > touch build 1h\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > reopen build\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > take build@owner=ci:7 10m\n"
		"[     0] build: leased to ci:7, token 1\n"
		"[     0] alice > touch build@owner=ci:7\n"
		"[     0] build: renewed by ci:7 for 600000\n"
		"[     0] alice > reopen build@owner=ci:7\n"
		"[     0] alice < OK\n"
		"[     0] alice > touch build 1h\n"
		"[     0] build: denied to alice, permission\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] alice > reopen build@owner=ci\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] bob > touch build@owner=ci:7 1h\n"
		"[     0] build: denied to ci:7, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob > reopen build@owner=ci:7\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] root > touch build 1h\n"
		"[     0] build: denied to root, permission\n"
		"[     0] root < ERR_PERMISSION\n"
		"[     0] root > touch build@owner=ci:7 1h\n"
		"[     0] root < ERR_PERMISSION\n");
	world_destroy(w);
}

/* An open is no lease, whoever has it. */
static void an_open_is_no_lease(void)
{
	struct world *w = world_create();

	opens(w, "alice", "build");
	CHECK_EQUAL(engine_lease(w->engine, "build"), 0);
	touches(w, "alice", "build", "1h");
	reopens(w, "alice", "build");
	removes(w, "alice", "build");
	removes(w, "root", "build");
	expect(w,
		"[     0] alice > acquire build\n"
		"[     0] build: granted to alice, token 1\n"
		"[     0] alice > touch build 1h\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > reopen build\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > remove build\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] root > remove build\n"
		"[     0] root < ERR_ABSENT\n");
	world_destroy(w);
}

static void only_its_owner_removes(void)
{
	struct world *w = world_create();

	removes(w, "alice", "build");
	takes(w, "alice", "build@owner=ci:7", "10m");
	removes(w, "bob", "build@owner=ci:7");
	removes(w, "alice", "build");
	removes(w, "alice", "build@owner=ci:8");
	removes(w, "root", "build@owner=ci:8");
	CHECK_EQUAL(engine_counters(w->engine)->denials[REASON_PERMISSION], 4);
	removes(w, "alice", "build@owner=ci:7");
	expect(w,
		"[     0] alice > remove build\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > take build@owner=ci:7 10m\n"
		"[     0] build: leased to ci:7, token 1\n"
		"[     0] bob > remove build@owner=ci:7\n"
		"[     0] build: denied to ci:7, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > remove build\n"
		"[     0] build: denied to alice, permission\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] alice > remove build@owner=ci:8\n"
		"[     0] alice < ERR_PERMISSION\n"
		"[     0] root > remove build@owner=ci:8\n"
		"[     0] build: denied to ci:8, permission\n"
		"[     0] root < ERR_PERMISSION\n"
		"[     0] alice > remove build@owner=ci:7\n"
		"[     0] build: released by ci:7 after 0\n");
	world_destroy(w);
}

/* An admin's removal is a break, and says so; one of his own is a release. */
static void an_admin_breaks_it(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "10m");
	opens(w, "bob", "build");
	removes(w, "ops", "build");
	closes(w, "bob", "build");
	takes(w, "alice", "build@owner=ci", "10m");
	removes(w, "root", "build@owner=ci");
	takes(w, "alice", "build@owner=ci", "10m");
	removes(w, "root", "build");
	takes(w, "root", "build@owner=ci", "10m");
	removes(w, "root", "build"); /* his own, by another label */
	removes(w, "root", "build@owner=ci");
	expect(w,
		"[     0] alice > take build 10m\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] bob > acquire build\n"
		"[     0] ops > remove build\n"
		"[     0] build: alice's token 1 broken by uid 1015\n"
		"[     0] build: granted to bob, token 2\n"
		"[     0] bob > close build\n"
		"[     0] build: released by bob after 0\n"
		"[     0] alice > take build@owner=ci 10m\n"
		"[     0] build: leased to ci, token 3\n"
		"[     0] root > remove build@owner=ci\n"
		"[     0] build: ci's token 3 broken by uid 0\n"
		"[     0] alice > take build@owner=ci 10m\n"
		"[     0] build: leased to ci, token 4\n"
		"[     0] root > remove build\n"
		"[     0] build: ci's token 4 broken by uid 0\n"
		"[     0] root > take build@owner=ci 10m\n"
		"[     0] build: leased to ci, token 5\n"
		"[     0] root > remove build\n"
		"[     0] build: denied to root, permission\n"
		"[     0] root < ERR_PERMISSION\n"
		"[     0] root > remove build@owner=ci\n"
		"[     0] build: released by ci after 0\n");
	CHECK_EQUAL(engine_counters(w->engine)->broken, 3);
	world_destroy(w);
}

static void it_is_broken_by_token(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "10m");
	opens(w, "bob", "build");
	breaks(w, "alice", "build", 0);
	breaks(w, "bob", "build", 1);
	breaks(w, "alice", "build", 2);
	breaks(w, "alice", "build", 1);
	touches(w, "alice", "build", NULL);
	closes(w, "bob", "build");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	expect(w,
		"[     0] alice > take build 10m\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] bob > acquire build\n"
		"[     0] alice > break build token 0\n"
		"[     0] alice < ERR_HELD\n"
		"[     0] bob > break build token 1\n"
		"[     0] build: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > break build token 2\n"
		"[     0] alice < ERR_LOST\n"
		"[     0] alice > break build token 1\n"
		"[     0] build: alice's token 1 broken by uid 1001\n"
		"[     0] build: granted to bob, token 2\n"
		"[     0] alice > touch build\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] bob > close build\n"
		"[     0] build: released by bob after 0\n");
	world_destroy(w);
}

/* By the file `renew`: what the writer's user has leased, where no process of his family holds. */
static void it_is_renewed_by_name(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build@owner=ci", "10m");
	advance(w, 1000);
	renews_name(w, "alice/7", "init", "build", NULL);
	renews_name(w, "alice", "init", "build", "5m");
	renews_name(w, "bob", "alice", "build", "1h"); /* whose parent took it */
	renews_name(w, "carol", "init", "build", "1h");
	CHECK_EQUAL(world_deadline_ms(w), 1000 + 3600000);
	expect(w,
		"[     0] alice > take build@owner=ci 10m\n"
		"[     0] build: leased to ci, token 1\n"
		"[  1000] alice/7, child of init > renew by name build\n"
		"[  1000] build: renewed by ci for 600000\n"
		"[  1000] alice, child of init > renew by name build\n"
		"[  1000] build: renewed by ci for 300000\n"
		"[  1000] bob, child of alice > renew by name build\n"
		"[  1000] build: renewed by ci for 3600000\n"
		"[  1000] carol, child of init > renew by name build\n"
		"[  1000] carol < ERR_PERMISSION\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"only its owner, by user and label, renews it", only_its_owner_renews},
		{"an open is no lease", an_open_is_no_lease},
		{"only its owner removes it", only_its_owner_removes},
		{"or an admin, and that is a break", an_admin_breaks_it},
		{"it is broken by its token", it_is_broken_by_token},
		{"it is renewed by name", it_is_renewed_by_name},
	};

	return CHECK_RUN(cases);
}
