/* Stories about leases and the end of the daemon, of the machine, and of the disk's room. */
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

static void it_survives_the_daemon(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build@owner=ci", "1m");
	opens(w, "bob", "build");
	opens(w, "carol", "test");
	advance(w, 10000);
	touches(w, "alice", "build@owner=ci", NULL);
	stall(w, 20000); /* the daemon is away */
	w->told = w->story.len;
	world_restart(w, true, true);
	CHECK(engine_lease(w->engine, "build") != 0);
	CHECK_EQUAL(world_deadline_ms(w), 70000);
	takes(w, "bob", "build", "1m");
	touches(w, "alice", "build", NULL);
	touches(w, "alice", "build@owner=ci", "30s");
	opens(w, "bob", "build");
	advance(w, 30000);
	expect(w,
		"[ 30000] restart in the same boot\n"
		"[ 30000] test: pruned, carol unknown 0\n"
		"[ 30000] bob > take build 1m\n"
		"[ 30000] build: denied to bob, held\n"
		"[ 30000] bob < ERR_EXISTS\n"
		"[ 30000] alice > touch build\n"
		"[ 30000] build: denied to alice, permission\n"
		"[ 30000] alice < ERR_PERMISSION\n"
		"[ 30000] alice > touch build@owner=ci 30s\n"
		"[ 30000] build: renewed by ci for 30000\n"
		"[ 30000] bob > acquire build\n"
		"[ 60000] build: expired under ci\n"
		"[ 60000] build: granted to bob, token 3\n");
	world_destroy(w);
}

static void it_expires_while_the_daemon_is_away(void)
{
	struct world *w = world_create();

	takes(w, "alice", "build", "1m");
	stall(w, 90000);
	w->told = w->story.len;
	world_restart(w, true, false);
	opens(w, "bob", "build");
	expect(w,
		"[ 90000] restart in the same boot\n"
		"[ 90000] build: expired under alice\n"
		"[ 90000] bob > acquire build\n"
		"[ 90000] build: granted to bob, token 1000001\n");
	world_destroy(w);
}

/* What an owner may do with it does not depend on who was there when it was taken. */
static void its_owner_is_known_after_a_restart(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a@owner=ci", "1m");
	takes(w, "alice", "b", "1m");
	takes(w, "alice", "c", "1m");
	world_restart(w, true, true);
	w->told = w->story.len;
	removes(w, "bob", "a@owner=ci");
	removes(w, "alice", "a@owner=ci");
	renews_name(w, "alice", "init", "b", "2m");
	breaks(w, "alice", "b", 2);
	removes(w, "ops", "c");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	expect(w,
		"[     0] bob > remove a@owner=ci\n"
		"[     0] a: denied to ci, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] alice > remove a@owner=ci\n"
		"[     0] a: released by ci after 0\n"
		"[     0] alice, child of init > renew by name b\n"
		"[     0] b: renewed by alice for 120000\n"
		"[     0] alice > break b token 2\n"
		"[     0] b: alice's token 2 broken by uid 1001\n"
		"[     0] ops > remove c\n"
		"[     0] c: alice's token 3 broken by uid 1015\n");
	world_destroy(w);
}

/* Another boot: both clocks begin again, and only the wall clock tells how long it took. */
static void reboot(struct world *w, int64_t wall_ms)
{
	w->now.wall_ms += wall_ms;
	w->start.mono_ns = w->now.mono_ns = 50000000000;
	w->start.boot_ns = w->now.boot_ns = 50000000000;
	w->told = w->story.len;
	world_restart(w, false, false);
}

static void it_survives_the_machine(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "10s");
	takes(w, "alice", "b", "1m");
	advance(w, 5000);
	touches(w, "alice", "b", "2m"); /* until 125 s */
	reboot(w, 20000);
	CHECK_EQUAL(world_deadline_ms(w), 100000);
	opens(w, "bob", "b");
	advance(w, 100000);
	expect(w,
		"[     0] restart in another boot\n"
		"[     0] a: expired under alice\n"
		"[     0] bob > acquire b\n"
		"[100000] b: expired under alice\n"
		"[100000] b: granted to bob, token 1000001\n");
	world_destroy(w);
}

static void a_wall_clock_set_back_makes_none_longer(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "10s");
	takes(w, "alice", "b", "1m");
	advance(w, 5000);
	touches(w, "alice", "b", "20s");
	reboot(w, -86400000);
	advance(w, 20000);
	expect(w,
		"[     0] restart in another boot\n"
		"[ 10000] a: expired under alice\n"
		"[ 20000] b: expired under alice\n");
	world_destroy(w);
}

/* The next boot has the right time: so has the lease, which must not end early. */
static void a_wall_clock_set_right_again_counts(void)
{
	struct world *w = world_create();
	char *views;

	takes(w, "alice", "a", "10s");
	reboot(w, -86400000);
	views = world_views(w, w->engine);
	CHECK(strstr(views, "\"expires_at\":\"2026-01-27T20:15:22.123Z\",\"remaining_ms\":10000"));
	free(views);
	reboot(w, 86404000);
	advance(w, 6000);
	expect(w,
		"[     0] restart in another boot\n"
		"[  6000] a: expired under alice\n");
	world_destroy(w);
}

/* The log after a reboot, read once more in the same boot: its checkpoint has the new clock. */
static void a_second_restart_knows_the_new_clock(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	reboot(w, 20000);
	advance(w, 10000);
	world_restart(w, true, true);
	CHECK_EQUAL(world_deadline_ms(w), 40000);
	reboot(w, 10000);
	CHECK_EQUAL(world_deadline_ms(w), 20000);
	world_destroy(w);
}

static void a_taking_is_taken_back(void)
{
	struct world *w = world_create();

	log_fails(w);
	takes(w, "alice", "build", "1m");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	takes(w, "alice", "build", "1m");
	log_works(w);
	takes(w, "alice", "build", "1m");
	expect(w,
		"[     0] the log fails\n"
		"[     0] alice > take build 1m\n"
		"[     0] not logged:\n"
		"[     0] build: leased to alice, token 1\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] alice > take build 1m\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] the log works\n"
		"[     0] alice > take build 1m\n"
		"[     0] build: leased to alice, token 2\n");
	world_destroy(w);
}

static void a_renewal_is_taken_back(void)
{
	struct world *w = world_create();
	char *before, *after;

	takes(w, "alice", "build", "1m");
	advance(w, 1000);
	touches(w, "alice", "build", "2m");
	before = world_picture(w, w->engine);
	log_fails(w);
	touches(w, "alice", "build", "1h");
	after = world_picture(w, w->engine);
	CHECK_STRING(after, before);
	CHECK_EQUAL(world_deadline_ms(w), 121000);
	touches(w, "alice", "build", "1h");
	CHECK_EQUAL(world_answers(w, ERR_LOG), 2);
	free(before);
	free(after);
	world_destroy(w);
}

/* A removal that met the failure is not taken back, but nobody counts on it: an error, and the log has it as
 * soon as it can. Later ones change nothing. */
static void a_removal_is_owed(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	takes(w, "alice", "b", "1m");
	takes(w, "alice", "c", "1m");
	log_fails(w);
	removes(w, "alice", "a");
	removes(w, "root", "b");
	advance(w, 60000);
	CHECK_EQUAL(w->journal.n_owed, 3);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	log_works(w);
	expect(w,
		"[     0] alice > take a 1m\n"
		"[     0] a: leased to alice, token 1\n"
		"[     0] alice > take b 1m\n"
		"[     0] b: leased to alice, token 2\n"
		"[     0] alice > take c 1m\n"
		"[     0] c: leased to alice, token 3\n"
		"[     0] the log fails\n"
		"[     0] alice > remove a\n"
		"[     0] not logged:\n"
		"[     0] a: released by alice after 0\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] root > remove b\n"
		"[     0] root < ERR_LOG\n"
		"[ 60000] not logged:\n"
		"[ 60000] b: expired under alice\n"
		"[ 60000] c: expired under alice\n"
		"[ 60000] the log works\n");
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
}

/* Taken, renewed, given back in one batch that was never written. */
static void a_batch_is_taken_back(void)
{
	struct world *w = world_create();
	char *before, *after;

	takes(w, "alice", "a", "1m");
	before = world_picture(w, w->engine);
	log_fails(w);
	world_begin(w);
	touches(w, "alice", "a", "2m");
	takes(w, "bob", "b", "1m");
	touches(w, "bob", "b", "2m");
	removes(w, "bob", "b");
	takes(w, "carol", "b", "3m");
	touches(w, "alice", "a", "3m");
	world_commit(w);
	log_works(w);
	after = world_picture(w, w->engine);
	CHECK(memcmp(after, before, strcspn(after, "\n")) == 0); /* the tokens are used up */
	CHECK_EQUAL(world_answers(w, ERR_LOG), 6);
	free(before);
	free(after);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a lease survives the daemon, and its time goes on", it_survives_the_daemon},
		{"it expires while the daemon is away", it_expires_while_the_daemon_is_away},
		{"its owner is known after a restart", its_owner_is_known_after_a_restart},
		{"it survives the machine, by wall time", it_survives_the_machine},
		{"a wall clock that was set back makes none longer",
			a_wall_clock_set_back_makes_none_longer},
		{"a wall clock that is set right again counts",
			a_wall_clock_set_right_again_counts},
		{"a second restart knows the new clock", a_second_restart_knows_the_new_clock},
		{"a taking that is not logged is taken back", a_taking_is_taken_back},
		{"so is a renewal", a_renewal_is_taken_back},
		{"a removal is owed", a_removal_is_owed},
		{"a batch is taken back", a_batch_is_taken_back},
	};

	return CHECK_RUN(cases);
}
