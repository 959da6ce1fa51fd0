/* Stories about groups: all of the names or none, one hold with one token. */
#include "story.h"

static void all_or_nothing(void)
{
	struct world *w = world_create();

	opens(w, "alice", "b");
	opens(w, "bob", "a+b+c");
	opens(w, "carol", "a+b@try");
	opens(w, "dave", "c@try"); /* is free, but spoken for */
	CHECK_EQUAL(engine_totals(w->engine).holders, 1);
	closes(w, "alice", "b");
	opens(w, "dave", "c@try");
	closes(w, "bob", "a+b+c");
	opens(w, "carol", "a+b@try");
	expect(w,
		"[     0] alice > acquire b\n"
		"[     0] b: granted to alice, token 1\n"
		"[     0] bob > acquire a+b+c\n"
		"[     0] carol > acquire a+b@try\n"
		"[     0] a+b: denied to carol, held\n"
		"[     0] carol < ERR_WOULD_WAIT\n"
		"[     0] dave > acquire c@try\n"
		"[     0] c: denied to dave, held\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] alice > close b\n"
		"[     0] b: released by alice after 0\n"
		"[     0] a+b+c: granted to bob, token 2\n"
		"[     0] dave > acquire c@try\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] bob > close a+b+c\n"
		"[     0] a+b+c: released by bob after 0\n"
		"[     0] carol > acquire a+b@try\n"
		"[     0] a+b: granted to carol, token 3\n");
	world_destroy(w);
}

static void later_arrivals_are_held_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a+b");
	opens(w, "carol", "b");
	opens(w, "dave", "b+c");
	opens(w, "erin", "c@shared");
	closes(w, "alice", "a");
	closes(w, "bob", "a+b");
	closes(w, "carol", "b");
	closes(w, "dave", "b+c");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] carol > acquire b\n"
		"[     0] dave > acquire b+c\n"
		"[     0] erin > acquire c@shared\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a+b: granted to bob, token 2\n"
		"[     0] bob > close a+b\n"
		"[     0] a+b: released by bob after 0\n"
		"[     0] b: granted to carol, token 3\n"
		"[     0] carol > close b\n"
		"[     0] b: released by carol after 0\n"
		"[     0] b+c: granted to dave, token 4\n"
		"[     0] dave > close b+c\n"
		"[     0] b+c: released by dave after 0\n"
		"[     0] c: granted to erin, token 5\n");
	world_destroy(w);
}

/* Each has half of what the next one wants, in every order: it resolves in the order they came. */
static void orders_do_not_deadlock(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b");
	opens(w, "bob", "c+b");
	opens(w, "carol", "c+a");
	opens(w, "dave", "b+a");
	opens(w, "erin", "b+a+c");
	closes(w, "alice", "a+b");
	closes(w, "bob", "b+c");
	closes(w, "carol", "a+c");
	closes(w, "dave", "a+b");
	expect(w,
		"[     0] alice > acquire a+b\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] bob > acquire c+b\n"
		"[     0] carol > acquire c+a\n"
		"[     0] dave > acquire b+a\n"
		"[     0] erin > acquire b+a+c\n"
		"[     0] alice > close a+b\n"
		"[     0] a+b: released by alice after 0\n"
		"[     0] b+c: granted to bob, token 2\n"
		"[     0] bob > close b+c\n"
		"[     0] b+c: released by bob after 0\n"
		"[     0] a+c: granted to carol, token 3\n"
		"[     0] carol > close a+c\n"
		"[     0] a+c: released by carol after 0\n"
		"[     0] a+b: granted to dave, token 4\n"
		"[     0] dave > close a+b\n"
		"[     0] a+b: released by dave after 0\n"
		"[     0] a+b+c: granted to erin, token 5\n");
	world_destroy(w);
}

/* Others come and go without end, and one name or the other is always held. */
static void nobody_starves_a_group(void)
{
	struct world *w = world_create();
	uint64_t a = opens(w, "alice", "a"), b = opens(w, "bob", "b");

	opens(w, "carol", "a+b");
	const size_t number = w->n_requests;

	for (int i = 0; i < 10; i++) {
		opens(w, "alice", "a");
		opens(w, "bob", "b");
	}
	closes_id(w, a);
	CHECK(!w->requests[number - 1].answered);
	closes_id(w, b);
	CHECK(w->requests[number - 1].answered && w->requests[number - 1].token == 3);
	world_destroy(w);
}

static void it_expires_as_a_whole(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b@ttl=1s");
	opens(w, "bob", "a");
	opens(w, "carol", "b");
	advance(w, 500);
	renews(w, "alice", "a+b", NULL);
	advance(w, 400);
	renews_name(w, "alice/2", "alice", "b", "300ms"); /* by any of its names */
	advance(w, 300);
	renews(w, "alice", "a+b", NULL);
	expect(w,
		"[     0] alice > acquire a+b@ttl=1s\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] bob > acquire a\n"
		"[     0] carol > acquire b\n"
		"[   500] alice > renew a+b\n"
		"[   500] a+b: renewed by alice for 1000\n"
		"[   900] alice/2, child of alice > renew by name b\n"
		"[   900] a+b: renewed by alice for 300\n"
		"[  1200] a+b: expired under alice\n"
		"[  1200] a: granted to bob, token 2\n"
		"[  1200] b: granted to carol, token 3\n"
		"[  1200] alice > renew a+b\n"
		"[  1200] alice < ERR_LOST\n");
	world_destroy(w);
}

static void it_is_broken_as_a_whole(void)
{
	static const char *const names[] = {"a", "b", "a+b"};

	for (int i = 0; i < 3; i++) {
		struct world *w = world_create();

		opens(w, "alice", "a+b");
		opens(w, "bob", "a");
		opens(w, "carol", "b");
		breaks(w, "root", "a+c", 1);
		breaks(w, "root", "c", 1);
		breaks(w, "root", "a+b+c", 1);
		breaks(w, "bob", "b", 1);
		CHECK_EQUAL(engine_counters(w->engine)->broken, 0);
		w->told = w->story.len;
		breaks(w, "root", names[i], 1);
		CHECK_EQUAL(world_answers(w, ERR_LOST), 3);
		CHECK_EQUAL(world_answers(w, ERR_PERMISSION), 1);
		CHECK_EQUAL(world_answers(w, OK), 4);
		CHECK(!engine_holds(w->engine, 1) && engine_holds(w->engine, 2));
		CHECK(engine_holds(w->engine, 3));
		world_destroy(w);
	}
}

static void a_plain_rm_of_a_group(void)
{
	struct world *w = world_create();

	breaks(w, "alice", "a+b", 0);
	opens(w, "alice", "b");
	breaks(w, "alice", "a+b", 0);
	breaks(w, "alice", "a+c", 0);
	expect(w,
		"[     0] alice > break a+b token 0\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > acquire b\n"
		"[     0] b: granted to alice, token 1\n"
		"[     0] alice > break a+b token 0\n"
		"[     0] alice < ERR_HELD\n"
		"[     0] alice > break a+c token 0\n"
		"[     0] alice < ERR_ABSENT\n");
	world_destroy(w);
}

static void a_freeze_of_one_name_is_a_freeze_of_all(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b@ttl=1m");
	opens(w, "bob", "a+b");
	opens(w, "carol", "a");
	freezes(w, "alice", "b", "1s");
	opens(w, "dave", "b+c");
	renews(w, "alice", "a+b", NULL);
	closes(w, "alice", "a+b");
	expect(w,
		"[     0] alice > acquire a+b@ttl=1m\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] carol > acquire a\n"
		"[     0] alice > freeze b 1s\n"
		"[     0] b: frozen by alice for 1000\n"
		"[     0] a+b: denied to bob, frozen\n"
		"[     0] bob < ERR_FROZEN\n"
		"[     0] dave > acquire b+c\n"
		"[     0] b+c: denied to dave, frozen\n"
		"[     0] dave < ERR_FROZEN\n"
		"[     0] alice > renew a+b\n"
		"[     0] a+b: renewed by alice for 60000\n"
		"[     0] alice > close a+b\n"
		"[     0] a+b: released by alice after 0\n"
		"[     0] a: granted to carol, token 2\n");
	world_destroy(w);
}

/* It waits for the thaw of all of its names, and holds its place at those that are not frozen. */
static void it_waits_for_a_thaw(void)
{
	struct world *w = world_create();

	freezes(w, "root", "a", "1s");
	freezes(w, "root", "b", "2s");
	opens(w, "alice", "a+b+c@frozen=wait");
	opens(w, "bob", "c");
	opens(w, "carol", "a@frozen=wait");
	opens(w, "dave", "c@try");
	advance(w, 2000);
	closes(w, "alice", "a+b+c");
	expect(w,
		"[     0] root > freeze a 1s\n"
		"[     0] a: frozen by root for 1000\n"
		"[     0] root > freeze b 2s\n"
		"[     0] b: frozen by root for 2000\n"
		"[     0] alice > acquire a+b+c@frozen=wait\n"
		"[     0] bob > acquire c\n"
		"[     0] carol > acquire a@frozen=wait\n"
		"[     0] dave > acquire c@try\n"
		"[     0] c: denied to dave, held\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[  1000] a: thawed\n"
		"[  2000] b: thawed\n"
		"[  2000] a+b+c: granted to alice, token 1\n"
		"[  2000] alice > close a+b+c\n"
		"[  2000] a+b+c: released by alice after 0\n"
		"[  2000] a: granted to carol, token 2\n"
		"[  2000] c: granted to bob, token 3\n");
	world_destroy(w);
}

static void its_wait_ends_in_every_queue(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a+b+c@timeout=1s");
	opens(w, "carol", "b");
	opens(w, "dave", "c");
	advance(w, 1000);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b+c@timeout=1s\n"
		"[     0] carol > acquire b\n"
		"[     0] dave > acquire c\n"
		"[  1000] a+b+c: denied to bob, timeout\n"
		"[  1000] b: granted to carol, token 2\n"
		"[  1000] c: granted to dave, token 3\n"
		"[  1000] bob < ERR_TIMEOUT\n");
	world_destroy(w);
}

static void it_is_passed_over_in_every_queue(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a+b");
	opens(w, "carol", "b");
	interrupted(w, "bob", "a+b");
	opens(w, "dave", "a+b");
	opens(w, "bob", "b+a"); /* the same, written otherwise */
	closes(w, "carol", "b");
	closes(w, "alice", "a");
	closes(w, "bob", "a+b");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b\n"
		"[     0] carol > acquire b\n"
		"[     0] bob is interrupted\n"
		"[     0] b: granted to carol, token 2\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] dave > acquire a+b\n"
		"[     0] bob > acquire b+a\n"
		"[     0] carol > close b\n"
		"[     0] b: released by carol after 0\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a+b: granted to bob, token 3\n"
		"[     0] bob > close a+b\n"
		"[     0] a+b: released by bob after 0\n"
		"[     0] a+b: granted to dave, token 4\n");
	world_destroy(w);
}

static void groups_share(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a@shared");
	opens(w, "bob", "a+b@shared");
	opens(w, "carol", "b+c");
	opens(w, "dave", "c+d@shared");
	closes(w, "bob", "a+b");
	closes(w, "carol", "b+c");
	expect(w,
		"[     0] alice > acquire a@shared\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a+b@shared\n"
		"[     0] a+b: granted to bob, token 2\n"
		"[     0] carol > acquire b+c\n"
		"[     0] dave > acquire c+d@shared\n"
		"[     0] bob > close a+b\n"
		"[     0] a+b: released by bob after 0\n"
		"[     0] b+c: granted to carol, token 3\n"
		"[     0] carol > close b+c\n"
		"[     0] b+c: released by carol after 0\n"
		"[     0] c+d: granted to dave, token 4\n");
	world_destroy(w);
}

static void its_end_is_one_line(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b");
	opens(w, "bob", "c+d@owner=ci");
	dies(w, "alice", "a+b", 9);
	world_restart(w, true, true);
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	expect(w,
		"[     0] alice > acquire a+b\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] bob > acquire c+d@owner=ci\n"
		"[     0] c+d: granted to ci, token 2\n"
		"[     0] alice dies holding a+b\n"
		"[     0] a+b: pruned, alice killed 9\n"
		"[     0] restart in the same boot\n"
		"[     0] c+d: pruned, ci unknown 0\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"all or nothing: what is free is spoken for, not held", all_or_nothing},
		{"later arrivals are held back in every queue", later_arrivals_are_held_back},
		{"groups alone never deadlock, whatever their orders", orders_do_not_deadlock},
		{"nobody starves a group", nobody_starves_a_group},
		{"it has one TTL and expires as a whole", it_expires_as_a_whole},
		{"it is broken as a whole, by any of its names", it_is_broken_as_a_whole},
		{"a plain rm of a group", a_plain_rm_of_a_group},
		{"a freeze of one name is a freeze of all",
			a_freeze_of_one_name_is_a_freeze_of_all},
		{"it waits for the thaw of all of its names", it_waits_for_a_thaw},
		{"its wait ends in every queue", its_wait_ends_in_every_queue},
		{"it is passed over in every queue", it_is_passed_over_in_every_queue},
		{"groups share", groups_share},
		{"its end is one line", its_end_is_one_line},
	};

	return CHECK_RUN(cases);
}
