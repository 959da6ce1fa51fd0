/* Stories about who sleeps on his descriptor: he is told once, when it is lost or others begin to
 * wait for it. */
#include "story.h"

static void told_of_a_loss(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a@ttl=1s");
	opens(w, "bob", "b");
	opens(w, "carol", "c@bind=pid");
	opens(w, "dave", "d@ttl=1s");
	watches(w, "alice", "a");
	watches(w, "bob", "b");
	watches(w, "carol", "c");
	breaks(w, "root", "b", 2);
	survived(w, "carol", "c", 9);
	advance(w, 5000);
	closes(w, "alice", "a");
	expect(w,
		"[     0] alice > acquire a@ttl=1s\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] carol > acquire c@bind=pid\n"
		"[     0] c: granted to carol, token 3\n"
		"[     0] dave > acquire d@ttl=1s\n"
		"[     0] d: granted to dave, token 4\n"
		"[     0] alice watches a\n"
		"[     0] bob watches b\n"
		"[     0] carol watches c\n"
		"[     0] root > break b token 2\n"
		"[     0] b: bob's token 2 broken by uid 0\n"
		"[     0] bob is told of b\n"
		"[     0] carol dies, survived by c\n"
		"[     0] c: pruned, carol killed 9\n"
		"[     0] carol is told of c\n"
		"[  1000] a: expired under alice\n"
		"[  1000] d: expired under dave\n"
		"[  1000] alice is told of a\n"
		"[  5000] alice > close a\n");
	world_destroy(w);
}

static void told_of_the_first_who_waits(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	watches(w, "alice", "a");
	CHECK(!engine_waited_for(w->engine, 1));
	opens(w, "bob", "a@try");
	CHECK(!engine_waited_for(w->engine, 1));
	opens(w, "carol", "a");
	CHECK(engine_waited_for(w->engine, 1));
	watches(w, "alice", "a"); /* she was told once, and sleeps again */
	opens(w, "dave", "a");
	closes(w, "alice", "a");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] alice watches a\n"
		"[     0] bob > acquire a@try\n"
		"[     0] a: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] carol > acquire a\n"
		"[     0] alice is told of a\n"
		"[     0] alice watches a\n"
		"[     0] dave > acquire a\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a: granted to carol, token 2\n");
	CHECK(engine_waited_for(w->engine, 3) && !engine_waited_for(w->engine, 4));
	CHECK(!engine_waited_for(w->engine, 1) && !engine_waited_for(w->engine, 99));
	world_destroy(w);
}

/* When the queue has been empty, the next who waits is the first again. */
static void told_again(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	watches(w, "alice", "a");
	opens(w, "bob", "a@timeout=1s");
	watches(w, "alice", "a");
	advance(w, 1000);
	CHECK(!engine_waited_for(w->engine, 1));
	opens(w, "carol", "a");
	breaks(w, "root", "a", 1); /* she does not sleep: nobody tells her */
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] alice watches a\n"
		"[     0] bob > acquire a@timeout=1s\n"
		"[     0] alice is told of a\n"
		"[     0] alice watches a\n"
		"[  1000] a: denied to bob, timeout\n"
		"[  1000] bob < ERR_TIMEOUT\n"
		"[  1000] carol > acquire a\n"
		"[  1000] alice is told of a\n"
		"[  1000] root > break a token 1\n"
		"[  1000] a: alice's token 1 broken by uid 0\n"
		"[  1000] a: granted to carol, token 2\n");
	CHECK(!engine_waited_for(w->engine, 1)); /* what is lost nobody waits for */
	world_destroy(w);
}

/* Who is interrupted does not wait; when he is back, he is the first. */
static void told_after_a_pause(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a");
	interrupted(w, "bob", "a");
	CHECK(!engine_waited_for(w->engine, 1));
	watches(w, "alice", "a");
	opens(w, "bob", "a");
	CHECK(engine_waited_for(w->engine, 1));
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] alice watches a\n"
		"[     0] bob > acquire a\n"
		"[     0] alice is told of a\n");
	world_destroy(w);
}

static void told_of_any_name_of_a_group(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b");
	opens(w, "dave", "c");
	watches(w, "alice", "a+b");
	watches(w, "dave", "c");
	opens(w, "bob", "b+c"); /* waits for both of them */
	CHECK(engine_waited_for(w->engine, 1) && engine_waited_for(w->engine, 2));
	watches(w, "alice", "a+b");
	watches(w, "dave", "c");
	opens(w, "carol", "a");
	opens(w, "erin", "c");
	CHECK(engine_waited_for(w->engine, 1) && engine_waited_for(w->engine, 2));
	expect(w,
		"[     0] alice > acquire a+b\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] dave > acquire c\n"
		"[     0] c: granted to dave, token 2\n"
		"[     0] alice watches a+b\n"
		"[     0] dave watches c\n"
		"[     0] bob > acquire b+c\n"
		"[     0] alice is told of a+b\n"
		"[     0] dave is told of c\n"
		"[     0] alice watches a+b\n"
		"[     0] dave watches c\n"
		"[     0] carol > acquire a\n"
		"[     0] alice is told of a+b\n"
		"[     0] erin > acquire c\n");
	world_destroy(w);
}

static void all_who_share_are_told(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a@shared");
	opens(w, "bob", "a@shared");
	opens(w, "carol", "a@shared");
	watches(w, "alice", "a");
	watches(w, "carol", "a");
	opens(w, "dave", "a");
	expect(w,
		"[     0] alice > acquire a@shared\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a@shared\n"
		"[     0] a: granted to bob, token 2\n"
		"[     0] carol > acquire a@shared\n"
		"[     0] a: granted to carol, token 3\n"
		"[     0] alice watches a\n"
		"[     0] carol watches a\n"
		"[     0] dave > acquire a\n"
		"[     0] alice is told of a\n"
		"[     0] carol is told of a\n");
	world_destroy(w);
}

/* It was lost and waited for at once, or closed before anybody could be told. */
static void told_once_or_not_at_all(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a@ttl=1s");
	opens(w, "bob", "b");
	watches(w, "alice", "a");
	watches(w, "bob", "b");
	world_begin(w);
	opens(w, "carol", "a");
	breaks(w, "root", "a", 1);
	opens(w, "carol", "b");
	closes(w, "bob", "b");
	world_commit(w);
	expect(w,
		"[     0] alice > acquire a@ttl=1s\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire b\n"
		"[     0] b: granted to bob, token 2\n"
		"[     0] alice watches a\n"
		"[     0] bob watches b\n"
		"[     0] carol > acquire a\n"
		"[     0] root > break a token 1\n"
		"[     0] carol > acquire b\n"
		"[     0] bob > close b\n"
		"[     0] a: alice's token 1 broken by uid 0\n"
		"[     0] a: granted to carol, token 3\n"
		"[     0] b: released by bob after 0\n"
		"[     0] b: granted to carol, token 4\n"
		"[     0] alice is told of a\n");
	world_destroy(w);
}

/* One who waits goes, and the next is the first, before anybody could be told: that is one thing to tell. */
static void told_once_of_two_who_wait(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	watches(w, "alice", "a");
	world_begin(w);
	opens(w, "bob", "a");
	interrupted(w, "bob", "a");
	opens(w, "carol", "a");
	world_commit(w);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] alice watches a\n"
		"[     0] bob > acquire a\n"
		"[     0] bob is interrupted\n"
		"[     0] carol > acquire a\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] alice is told of a\n");
	world_destroy(w);
}

/* Somebody may poll while he still waits: it is his hold that he is told of. */
static void watched_before_it_was_granted(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a@ttl=1s");
	watches(w, "bob", "a");
	closes(w, "alice", "a");
	advance(w, 1000);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a@ttl=1s\n"
		"[     0] bob watches a\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] a: granted to bob, token 2\n"
		"[  1000] a: expired under bob\n"
		"[  1000] bob is told of a\n");
	engine_watch(w->engine, 99);
	CHECK(engine_notice(w->engine) == NULL);
	world_destroy(w);
}

static void a_freeze_that_lets_nobody_in(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	watches(w, "alice", "a");
	freezes(w, "root", "a", "1s");
	opens(w, "bob", "a"); /* refused: he never waits */
	CHECK(!engine_waited_for(w->engine, 1));
	opens(w, "carol", "a@frozen=wait");
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] alice watches a\n"
		"[     0] root > freeze a 1s\n"
		"[     0] a: frozen by root for 1000\n"
		"[     0] bob > acquire a\n"
		"[     0] a: denied to bob, frozen\n"
		"[     0] bob < ERR_FROZEN\n"
		"[     0] carol > acquire a@frozen=wait\n"
		"[     0] alice is told of a\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"told of a loss, however it came", told_of_a_loss},
		{"told of the first who waits, not of a try or the second",
			told_of_the_first_who_waits},
		{"told again when the queue was empty", told_again},
		{"told when somebody comes back", told_after_a_pause},
		{"told of any name of a group", told_of_any_name_of_a_group},
		{"all who share are told", all_who_share_are_told},
		{"told once, or not at all when it is closed", told_once_or_not_at_all},
		{"told once of two who wait", told_once_of_two_who_wait},
		{"watched before it was granted", watched_before_it_was_granted},
		{"who is refused does not wait", a_freeze_that_lets_nobody_in},
	};

	return CHECK_RUN(cases);
}
