/* Stories about a log that cannot be written: nothing is granted that could not be remembered. */
#include <stdlib.h>

#include "core/timer.h"
#include "story.h"

static void a_grant_is_taken_back(void)
{
	struct world *w = world_create();

	log_fails(w);
	opens(w, "alice", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	opens(w, "alice", "deploy");
	log_works(w);
	opens(w, "alice", "deploy");
	expect(w,
		"[     0] the log fails\n"
		"[     0] alice > acquire deploy\n"
		"[     0] not logged:\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] alice > acquire deploy\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] the log works\n"
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 2\n");
	CHECK_EQUAL(engine_counters(w->engine)->grants, 1);
	world_destroy(w);
}

/* Checks that `change` leaves no trace when its line cannot be written. */
static void check_undone(struct world *w, void (*change)(struct world *))
{
	char *before = world_picture(w, w->engine), *after;
	const struct counters counters = *engine_counters(w->engine);

	log_fails(w);
	change(w);
	CHECK_EQUAL(world_answers(w, ERR_LOG), 1);
	after = world_picture(w, w->engine);
	CHECK_STRING(after, before);
	CHECK_EQUAL(engine_counters(w->engine)->renewals, counters.renewals);
	CHECK_EQUAL(engine_counters(w->engine)->freezes, counters.freezes);
	free(before);
	free(after);
}

static void alice_renews(struct world *w)
{
	renews(w, "alice", "deploy", "10s");
}

static void a_renewal_is_taken_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	advance(w, 500);
	check_undone(w, alice_renews);
	CHECK_EQUAL(world_deadline_ms(w), 2000);
	world_destroy(w);
}

static void the_second_renewal_is_taken_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	advance(w, 500);
	renews(w, "alice", "deploy", "3s");
	advance(w, 500);
	check_undone(w, alice_renews);
	CHECK_EQUAL(world_deadline_ms(w), 3500);
	world_destroy(w);
}

static void root_freezes(struct world *w)
{
	freezes(w, "root", "deploy", "10s");
}

static void root_freezes_all(struct world *w)
{
	freezes(w, "root", "@all", "10s");
}

static void a_freeze_is_taken_back(void)
{
	struct world *w = world_create();

	check_undone(w, root_freezes);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	world_destroy(w);
	w = world_create();
	check_undone(w, root_freezes_all);
	CHECK(engine_deadline(w->engine) == NEVER);
	world_destroy(w);
}

/* Whether it made the freeze longer or shorter. */
static void a_moved_freeze_is_moved_back(void)
{
	static const char *const ttls[] = {"5s", "1h"};

	for (int i = 0; i < 2; i++) {
		struct world *w = world_create();

		opens(w, "alice", "deploy");
		freezes(w, "alice", "deploy", ttls[i]);
		advance(w, 100);
		check_undone(w, root_freezes);
		world_destroy(w);
	}
}

static void an_end_is_owed(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "alice", "b@ttl=1s");
	opens(w, "alice", "c");
	opens(w, "bob", "a");
	opens(w, "bob", "b");
	w->told = w->story.len;
	log_fails(w);
	closes(w, "alice", "a");
	advance(w, 1000);
	breaks(w, "root", "c", 3);
	opens(w, "carol", "a");
	freezes(w, "carol", "a", "1s");
	CHECK_EQUAL(w->journal.n_owed, 3); /* what came of a, b and c: no denial, no grant */
	log_works(w);
	opens(w, "carol", "a");
	expect(w,
		"[     0] the log fails\n"
		"[     0] alice > close a\n"
		"[     0] not logged:\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a: granted to bob, token 4\n"
		"[     0] bob < ERR_LOG\n"
		"[  1000] not logged:\n"
		"[  1000] b: expired under alice\n"
		"[  1000] bob < ERR_LOG\n"
		"[  1000] root > break c token 3\n"
		"[  1000] not logged:\n"
		"[  1000] c: alice's token 3 broken by uid 0\n"
		"[  1000] carol > acquire a\n"
		"[  1000] carol < ERR_LOG\n"
		"[  1000] carol > freeze a 1s\n"
		"[  1000] not logged:\n"
		"[  1000] a: denied to carol, permission\n"
		"[  1000] carol < ERR_PERMISSION\n"
		"[  1000] the log works\n"
		"[  1000] carol > acquire a\n"
		"[  1000] a: granted to carol, token 5\n");
	world_destroy(w); /* which replays the log */
}

static void who_waits_goes_on_waiting(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=2s");
	opens(w, "carol", "deploy@timeout=1s");
	log_fails(w);
	renews(w, "alice", "deploy", NULL);
	freezes(w, "root", "deploy", "1s");
	w->told = w->story.len;
	advance(w, 1500);
	log_works(w);
	closes(w, "alice", "deploy");
	expect(w,
		"[  1000] not logged:\n"
		"[  1000] deploy: denied to carol, timeout\n"
		"[  1000] carol < ERR_TIMEOUT\n"
		"[  1500] the log works\n"
		"[  1500] alice > close deploy\n"
		"[  1500] deploy: released by alice after 1500\n"
		"[  1500] deploy: granted to bob, token 2\n");
	world_destroy(w);
}

/* A batch is all or nothing: the last is taken back first. */
static void a_batch_is_taken_back(void)
{
	struct world *w = world_create();
	char *before, *after;

	opens(w, "alice", "a@ttl=1s");
	freezes(w, "alice", "a", "1m");
	before = world_picture(w, w->engine);
	log_fails(w);
	world_begin(w);
	renews(w, "alice", "a", "2s");
	renews(w, "alice", "a", "3s");
	freezes(w, "root", "a", "2s");
	freezes(w, "root", "a", "3s");
	opens(w, "bob", "b");
	breaks(w, "root", "b", 2);
	opens(w, "carol", "b@ttl=9s");
	renews(w, "carol", "b", "8s");
	freezes(w, "root", "c", "2s");
	freezes(w, "root", "c", "3s");
	unfreezes(w, "root", "c");
	freezes(w, "root", "c", "3s");
	world_commit(w);
	log_works(w);
	w->engine = (engine_destroy(w->engine), journal_replay(&w->journal, 0));
	after = world_picture(w, w->engine);
	CHECK_STRING(after, before);
	CHECK_EQUAL(world_answers(w, ERR_LOG), 11);
	free(before);
	free(after);
	world_destroy(w);
}

/* Who renews and is broken in one batch has lost: what is taken back does not give it a deadline. */
static void a_renewal_of_what_is_lost_is_taken_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a@ttl=1s");
	log_fails(w);
	world_begin(w);
	renews(w, "alice", "a", "2s");
	breaks(w, "root", "a", 1);
	world_commit(w);
	CHECK_EQUAL(w->journal.n_owed, 1);
	CHECK(engine_deadline(w->engine) == NEVER);
	log_works(w);
	CHECK_EQUAL(engine_counters(w->engine)->renewals, 0);
	world_destroy(w);
}

/* The freeze and the lease were there before the batch, so their end is an end. */
static void the_end_of_what_was_moved_is_owed(void)
{
	struct world *w = world_create();

	freezes(w, "root", "a", "1h");
	takes(w, "alice", "b", "1h");
	log_fails(w);
	world_begin(w);
	freezes(w, "root", "a", "2h");
	freezes(w, "root", "b", "2h"); /* these two begin in the batch */
	freezes(w, "root", "c", "2h");
	unfreezes(w, "root", "a");
	touches(w, "alice", "b", "2h");
	removes(w, "alice", "b");
	world_commit(w);
	CHECK_EQUAL(w->journal.n_owed, 2);
	log_works(w);
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).freezes, 0);
	CHECK_EQUAL(engine_totals(w->engine).leases, 0);
	world_destroy(w);
}

static void without_tokens_nothing_is_granted(void)
{
	struct world *w = world_create();

	engine_destroy(w->engine);
	w->engine = engine_create();
	CHECK_EQUAL(engine_tokens_left(w->engine), 0);
	opens(w, "alice", "deploy");
	world_checkpoint(w);
	opens(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] alice < ERR_LOG\n"
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a grant is taken back, and the next ones are refused at once",
			a_grant_is_taken_back},
		{"a renewal is taken back", a_renewal_is_taken_back},
		{"the second renewal is taken back", the_second_renewal_is_taken_back},
		{"a freeze is taken back", a_freeze_is_taken_back},
		{"a moved freeze is moved back", a_moved_freeze_is_moved_back},
		{"an end is not taken back, but owed to the log", an_end_is_owed},
		{"who waits goes on waiting", who_waits_goes_on_waiting},
		{"a batch is taken back, the last first", a_batch_is_taken_back},
		{"a renewal of what is lost is taken back",
			a_renewal_of_what_is_lost_is_taken_back},
		{"the end of what was only moved is owed", the_end_of_what_was_moved_is_owed},
		{"without tokens nothing is granted", without_tokens_nothing_is_granted},
	};

	return CHECK_RUN(cases);
}
