/* Stories about interrupted waits: the place is kept for a second, and never waited for. */
#include "core/timer.h"
#include "story.h"

static void the_place_and_the_timeout_are_kept(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=5s");
	opens(w, "carol", "deploy");
	advance(w, 1000);
	interrupted(w, "bob", "deploy");
	advance(w, 900);
	opens(w, "bob", "deploy@timeout=5s");
	CHECK_EQUAL(world_deadline_ms(w), 5000);
	advance(w, 100);
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=5s\n"
		"[     0] carol > acquire deploy\n"
		"[  1000] bob is interrupted\n"
		"[  1000] bob < ERR_INTERRUPTED\n"
		"[  1900] bob > acquire deploy@timeout=5s\n"
		"[  2000] alice > close deploy\n"
		"[  2000] deploy: released by alice after 2000\n"
		"[  2000] deploy: granted to bob, token 2\n");
	world_destroy(w);
}

static void the_timeout_runs_on(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=1s");
	opens(w, "carol", "deploy@timeout=1s");
	advance(w, 500);
	interrupted(w, "bob", "deploy");
	interrupted(w, "carol", "deploy");
	opens(w, "bob", "deploy@timeout=1s");
	advance(w, 600);
	opens(w, "carol", "deploy@timeout=1s");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=1s\n"
		"[     0] carol > acquire deploy@timeout=1s\n"
		"[   500] bob is interrupted\n"
		"[   500] bob < ERR_INTERRUPTED\n"
		"[   500] carol is interrupted\n"
		"[   500] carol < ERR_INTERRUPTED\n"
		"[   500] bob > acquire deploy@timeout=1s\n"
		"[  1000] deploy: denied to bob, timeout\n"
		"[  1000] bob < ERR_TIMEOUT\n"
		"[  1100] carol > acquire deploy@timeout=1s\n"
		"[  1100] deploy: denied to carol, timeout\n"
		"[  1100] carol < ERR_TIMEOUT\n");
	world_destroy(w);
}

static void who_is_paused_is_passed_over(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	opens(w, "dave", "deploy");
	interrupted(w, "bob", "deploy");
	closes(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	closes(w, "carol", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy\n"
		"[     0] dave > acquire deploy\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] deploy: granted to carol, token 2\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > close deploy\n"
		"[     0] deploy: released by carol after 0\n"
		"[     0] deploy: granted to bob, token 3\n");
	world_destroy(w);
}

static void a_free_lock_is_not_kept_for_the_paused(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	interrupted(w, "bob", "deploy");
	closes(w, "alice", "deploy");
	opens(w, "carol", "deploy@try");
	closes(w, "carol", "deploy");
	advance(w, 10);
	opens(w, "bob", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] carol > acquire deploy@try\n"
		"[     0] deploy: granted to carol, token 2\n"
		"[     0] carol > close deploy\n"
		"[     0] deploy: released by carol after 0\n"
		"[    10] bob > acquire deploy\n"
		"[    10] deploy: granted to bob, token 3\n");
	world_destroy(w);
}

static void after_a_second_it_is_cancelled(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	advance(w, 100);
	interrupted(w, "bob", "deploy");
	CHECK_EQUAL(world_deadline_ms(w), 1100);
	advance(w, 1100);
	opens(w, "bob", "deploy");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy\n"
		"[   100] bob is interrupted\n"
		"[   100] bob < ERR_INTERRUPTED\n"
		"[  1100] deploy: denied to bob, cancelled\n"
		"[  1200] bob > acquire deploy\n"
		"[  1200] alice > close deploy\n"
		"[  1200] deploy: released by alice after 1200\n"
		"[  1200] deploy: granted to carol, token 2\n");
	world_destroy(w);
}

static void only_the_same_thread_with_the_same_spec_resumes(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "bob", "x@ttl=9s");
	opens(w, "carol", "x");
	interrupted(w, "bob", "x");
	opens(w, "bob/2", "x@ttl=9s");
	opens(w, "bob", "x@ttl=8s");
	opens(w, "bob", "x@ttl=9s,timeout=1h");
	opens(w, "bob", "x@ttl=9s,owner=bobby");
	opens(w, "bob", "x@ttl=9s,frozen=wait");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 7);
	opens(w, "bob", "x@owner=bob,timeout=none,ttl=9000ms"); /* the same, in other words */
	CHECK_EQUAL(engine_totals(w->engine).waiters, 7);
	closes(w, "alice", "x");
	world_stop(w);
	CHECK_EQUAL(world_answers(w, OK), 2); /* alice, and bob in his old place */
	CHECK(w->requests[w->n_requests - 1].err == OK);
	world_destroy(w);
}

static void an_unknown_thread_has_no_place(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob/0", "deploy");
	interrupted(w, "bob/0", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 0);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob/0 > acquire deploy\n"
		"[     0] bob/0 is interrupted\n"
		"[     0] deploy: denied to bob, cancelled\n"
		"[     0] bob/0 < ERR_INTERRUPTED\n");
	world_destroy(w);
}

static void an_interrupt_that_comes_too_late_is_nothing(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=10ms");
	interrupted(w, "alice", "deploy");
	advance(w, 20);
	interrupted(w, "bob", "deploy");
	closes(w, "alice", "deploy");
	interrupted(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=10ms\n"
		"[     0] alice is interrupted\n"
		"[    10] deploy: denied to bob, timeout\n"
		"[    10] bob < ERR_TIMEOUT\n"
		"[    20] bob is interrupted\n"
		"[    20] alice > close deploy\n"
		"[    20] deploy: released by alice after 20\n"
		"[    20] alice is interrupted\n");
	world_destroy(w);
}

static void again_and_again(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=10s");
	opens(w, "carol", "deploy");
	for (int i = 0; i < 9; i++) {
		advance(w, 1000);
		interrupted(w, "bob", "deploy");
		opens(w, "bob", "deploy@timeout=10s");
	}
	CHECK_EQUAL(engine_totals(w->engine).waiters, 2);
	CHECK_EQUAL(world_deadline_ms(w), 10000);
	closes(w, "alice", "deploy");
	CHECK(w->requests[w->n_requests - 1].err == OK && w->requests[w->n_requests - 1].answered);
	world_destroy(w);
}

static void a_freeze_meets_the_paused_when_they_come_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	interrupted(w, "bob", "deploy");
	freezes(w, "root", "deploy", "100ms");
	advance(w, 50);
	opens(w, "bob", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 0);
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] root > freeze deploy 100ms\n"
		"[     0] deploy: frozen by root for 100\n"
		"[    50] bob > acquire deploy\n"
		"[    50] deploy: denied to bob, frozen\n"
		"[    50] bob < ERR_FROZEN\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"the place and the timeout are kept", the_place_and_the_timeout_are_kept},
		{"the timeout runs on meanwhile", the_timeout_runs_on},
		{"who is paused is passed over, and back in his place afterwards",
			who_is_paused_is_passed_over},
		{"a free lock is not kept for the paused", a_free_lock_is_not_kept_for_the_paused},
		{"after a second the wait is cancelled", after_a_second_it_is_cancelled},
		{"only the same thread with the same spec resumes",
			only_the_same_thread_with_the_same_spec_resumes},
		{"a thread that is not known has no place", an_unknown_thread_has_no_place},
		{"an interrupt that comes too late is nothing",
			an_interrupt_that_comes_too_late_is_nothing},
		{"interrupted again and again, the place stays", again_and_again},
		{"a freeze meets the paused when they come back",
			a_freeze_meets_the_paused_when_they_come_back},
	};

	return CHECK_RUN(cases);
}
