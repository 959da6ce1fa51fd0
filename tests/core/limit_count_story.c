/* Stories about what counts towards a limit, and until when. */
#include "story.h"

/* Whether alice may have one more hold, and one more name, in a world where she may have one. */
static bool may_hold(struct world *w)
{
	const uint64_t id = opens(w, "alice", "probe@try");
	const enum err err = w->requests[id - 1].err;

	CHECK(err == OK || err == ERR_LIMIT);
	if (err == OK)
		closes_id(w, id);
	return err == OK;
}

/* A lost hold is a descriptor still, and counts until it is closed. */
static void a_hold_counts_until_it_is_closed(void)
{
	static const char *const specs[] = {"a", "a@ttl=1s", "a+b@bind=pid", "a@shared"};

	for (int i = 0; i < 4; i++) {
		struct world *w = world_limited(LIMIT_HOLDS, 1, 1000);
		const uint64_t id = opens(w, "alice", specs[i]);

		CHECK(!may_hold(w));
		if (i == 1)
			advance(w, 1000);
		if (i == 2)
			survived_id(w, id, 9);
		if (i == 3)
			breaks(w, "root", "a", 1);
		CHECK_EQUAL(engine_holds(w->engine, id), i == 0);
		CHECK(!may_hold(w));
		dies_id(w, id, 9);
		CHECK(may_hold(w) && may_hold(w));
		world_destroy(w);
	}
}

/* Ways for alice's wait to end. */
static void a_timeout(struct world *w)
{
	opens(w, "alice", "a@timeout=1s");
	advance(w, 1000);
}

static void an_interrupt(struct world *w)
{
	opens(w, "alice", "a");
	interrupted(w, "alice", "a");
	advance(w, 1000);
}

static void an_interrupt_of_a_stranger(struct world *w)
{
	opens(w, "alice/0", "a");
	interrupted(w, "alice/0", "a");
}

static void a_freeze(struct world *w)
{
	opens(w, "alice", "a+b");
	freezes(w, "root", "b", "1s");
	advance(w, 1000);
}

static void a_deadlock(struct world *w)
{
	opens(w, "alice", "x");
	seen(w, "alice", 1, true);
	opens(w, "alice", "a");
	advance(w, 500);
	closes(w, "alice", "x");
}

static void a_grant(struct world *w)
{
	opens(w, "alice", "a");
	closes_id(w, 1);
	closes(w, "alice", "a");
	opens(w, "bob", "a");
}

static void a_return(struct world *w)
{
	opens(w, "alice", "a");
	interrupted(w, "alice", "a");
	opens(w, "alice", "a");
	closes_id(w, 1);
	closes(w, "alice", "a");
	opens(w, "bob", "a");
}

static void a_try(struct world *w)
{
	opens(w, "alice", "a@try");
}

static void a_spec_that_differs(struct world *w)
{
	opens(w, "alice", "c+a@slots=2");
}

static void a_full_disk(struct world *w)
{
	log_fails(w);
	opens(w, "alice", "b+c");
	opens(w, "alice", "b+c");
	log_works(w);
}

static void a_lease_that_is_held(struct world *w)
{
	takes(w, "alice", "a", "1m");
}

static void a_lease_and_its_end(struct world *w)
{
	takes(w, "alice", "b", "1m");
	removes(w, "alice", "b");
	takes(w, "alice", "b", "1m");
	removes(w, "root", "b");
	takes(w, "alice", "b", "1m");
	breaks(w, "alice", "b", w->requests[w->n_requests - 1].token);
	takes(w, "alice", "b", "1m");
	closes(w, "alice", "b");
	takes(w, "alice", "b", "1m");
	advance(w, 60000);
	log_fails(w);
	takes(w, "alice", "b", "1m");
	log_works(w);
}

static void a_restart(struct world *w)
{
	opens(w, "alice", "b");
	opens(w, "alice", "a");
	reads(w, "alice");
	takes(w, "alice", "c", "1m");
	world_restart(w, true, true);
	removes(w, "alice", "c");
}

/* However it ends, alice has nothing afterwards: all that she may have is hers again, once. */
static void counts_go_down_again(void)
{
	static void (*const ways[])(struct world *) = {a_timeout, an_interrupt,
		an_interrupt_of_a_stranger, a_freeze, a_deadlock, a_grant, a_return, a_try,
		a_spec_that_differs, a_full_disk, a_lease_that_is_held, a_lease_and_its_end,
		a_restart};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct world *w = world_suspicious();

		opens(w, "bob", "a");
		ways[i](w);
		for (enum limit limit = 0; limit < LIMITS; limit++)
			w->settings.limits.user[limit] = 1;
		world_configure(w);
		w->told = w->story.len;
		opens(w, "alice", "probe");
		opens(w, "alice", "probe2@try");
		closes(w, "alice", "probe");
		takes(w, "alice", "probe", "1m");
		removes(w, "alice", "probe");
		opens(w, "carol", "probe");
		opens(w, "alice", "probe");
		opens(w, "alice/2", "probe");
		reads(w, "alice");
		reads(w, "alice");
		CHECK_EQUAL(w->requests[w->n_requests - 9].err, OK);
		CHECK_EQUAL(w->requests[w->n_requests - 8].err, ERR_LIMIT);
		CHECK_EQUAL(w->requests[w->n_requests - 7].err, OK);
		CHECK_EQUAL(w->requests[w->n_requests - 6].err, OK);
		CHECK_EQUAL(w->requests[w->n_requests - 5].err, OK);
		CHECK(!w->requests[w->n_requests - 4].answered);
		CHECK_EQUAL(w->requests[w->n_requests - 3].err, ERR_LIMIT);
		CHECK_EQUAL(w->requests[w->n_requests - 2].err, OK);
		CHECK_EQUAL(w->requests[w->n_requests - 1].err, ERR_LIMIT);
		world_destroy(w);
	}
}

/* What was granted before the daemon came again counts, also above a limit that was set since. */
static void leases_count_after_a_restart(void)
{
	struct world *w = world_create();

	takes(w, "alice", "a", "1m");
	takes(w, "alice", "b", "1m");
	w->settings.limits.user[LIMIT_LEASES] = 1;
	world_restart(w, true, true);
	w->told = w->story.len;
	takes(w, "alice", "c", "1m");
	removes(w, "alice", "a");
	takes(w, "alice", "c", "1m");
	removes(w, "alice", "b");
	takes(w, "alice", "c", "1m");
	expect(w,
		"[     0] alice > take c 1m\n"
		"[     0] c: denied to alice, limit,\"limit\":\"max_leases\"\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] alice > remove a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] alice > take c 1m\n"
		"[     0] alice < ERR_LIMIT\n"
		"[     0] alice > remove b\n"
		"[     0] b: released by alice after 0\n"
		"[     0] alice > take c 1m\n"
		"[     0] c: leased to alice, token 3\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a hold counts until its descriptor is closed", a_hold_counts_until_it_is_closed},
		{"counts go down again, however it ends", counts_go_down_again},
		{"leases count after a restart", leases_count_after_a_restart},
	};

	return CHECK_RUN(cases);
}
