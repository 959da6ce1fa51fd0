/* Stories about shared holds: many at once, or one alone, and nobody overtakes. */
#include "story.h"

static void readers_hold_together(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data@shared");
	opens(w, "bob", "data@shared"); /* and one of them twice */
	opens(w, "carol", "data");
	closes(w, "alice", "data");
	closes(w, "bob", "data");
	CHECK_EQUAL(engine_totals(w->engine).holders, 1);
	closes_id(w, 2);
	closes(w, "carol", "data");
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 3\n"
		"[     0] carol > acquire data\n"
		"[     0] alice > close data\n"
		"[     0] data: released by alice after 0\n"
		"[     0] bob > close data\n"
		"[     0] data: released by bob after 0\n"
		"[     0] bob > close data\n"
		"[     0] data: released by bob after 0\n"
		"[     0] data: granted to carol, token 4\n"
		"[     0] carol > close data\n"
		"[     0] data: released by carol after 0\n");
	world_destroy(w);
}

static void a_writer_is_alone(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data");
	opens(w, "bob", "data@shared");
	opens(w, "carol", "data@shared,try");
	opens(w, "dave", "data@shared");
	closes(w, "alice", "data");
	expect(w,
		"[     0] alice > acquire data\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] carol > acquire data@shared,try\n"
		"[     0] data: denied to carol, held\n"
		"[     0] carol < ERR_WOULD_WAIT\n"
		"[     0] dave > acquire data@shared\n"
		"[     0] alice > close data\n"
		"[     0] data: released by alice after 0\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] data: granted to dave, token 3\n");
	world_destroy(w);
}

static void nobody_overtakes_a_writer(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data");
	opens(w, "carol", "data@shared");
	opens(w, "dave", "data@shared,try");
	opens(w, "erin", "data");
	opens(w, "frank", "data@shared");
	closes(w, "alice", "data");
	closes(w, "bob", "data");
	closes(w, "carol", "data");
	closes(w, "erin", "data");
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data\n"
		"[     0] carol > acquire data@shared\n"
		"[     0] dave > acquire data@shared,try\n"
		"[     0] data: denied to dave, held\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] erin > acquire data\n"
		"[     0] frank > acquire data@shared\n"
		"[     0] alice > close data\n"
		"[     0] data: released by alice after 0\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] bob > close data\n"
		"[     0] data: released by bob after 0\n"
		"[     0] data: granted to carol, token 3\n"
		"[     0] carol > close data\n"
		"[     0] data: released by carol after 0\n"
		"[     0] data: granted to erin, token 4\n"
		"[     0] erin > close data\n"
		"[     0] data: released by erin after 0\n"
		"[     0] data: granted to frank, token 5\n");
	world_destroy(w);
}

static void readers_go_on_when_the_writer_gives_up(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data@timeout=100ms");
	opens(w, "carol", "data@shared");
	advance(w, 50);
	opens(w, "dave", "data@shared");
	advance(w, 50);
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@timeout=100ms\n"
		"[     0] carol > acquire data@shared\n"
		"[    50] dave > acquire data@shared\n"
		"[   100] data: denied to bob, timeout\n"
		"[   100] data: granted to carol, token 2\n"
		"[   100] data: granted to dave, token 3\n"
		"[   100] bob < ERR_TIMEOUT\n");
	world_destroy(w);
}

/* Who is interrupted is passed over, and stands before later arrivals when he is back. */
static void an_interrupted_writer_is_passed_over(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data");
	opens(w, "carol", "data@shared");
	interrupted(w, "bob", "data");
	opens(w, "dave", "data");
	opens(w, "bob", "data");
	closes(w, "carol", "data");
	closes(w, "alice", "data");
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data\n"
		"[     0] carol > acquire data@shared\n"
		"[     0] bob is interrupted\n"
		"[     0] data: granted to carol, token 2\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] dave > acquire data\n"
		"[     0] bob > acquire data\n"
		"[     0] carol > close data\n"
		"[     0] data: released by carol after 0\n"
		"[     0] alice > close data\n"
		"[     0] data: released by alice after 0\n"
		"[     0] data: granted to bob, token 3\n");
	world_destroy(w);
}

static void each_is_lost_alone(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared,ttl=1s");
	opens(w, "bob", "data@shared");
	opens(w, "carol", "data@shared");
	opens(w, "dave", "data");
	breaks(w, "bob", "data", 1);
	breaks(w, "bob", "data", 2);
	advance(w, 1000);
	renews(w, "carol", "data", NULL);
	breaks(w, "root", "data", 3);
	expect(w,
		"[     0] alice > acquire data@shared,ttl=1s\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] carol > acquire data@shared\n"
		"[     0] data: granted to carol, token 3\n"
		"[     0] dave > acquire data\n"
		"[     0] bob > break data token 1\n"
		"[     0] data: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob > break data token 2\n"
		"[     0] data: bob's token 2 broken by uid 1002\n"
		"[  1000] data: expired under alice\n"
		"[  1000] carol > renew data\n"
		"[  1000] data: renewed by carol\n"
		"[  1000] root > break data token 3\n"
		"[  1000] data: carol's token 3 broken by uid 0\n"
		"[  1000] data: granted to dave, token 4\n");
	world_destroy(w);
}

static void each_is_renewed_by_who_has_it(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared,ttl=1s");
	opens(w, "bob", "data@shared,ttl=1s");
	renews_name(w, "carol", "bob", "data", "2s");
	renews_name(w, "carol", "dave", "data", "3s");
	advance(w, 3000);
	expect(w,
		"[     0] alice > acquire data@shared,ttl=1s\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared,ttl=1s\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] carol, child of bob > renew by name data\n"
		"[     0] data: renewed by bob for 2000\n"
		"[     0] carol, child of dave > renew by name data\n"
		"[     0] carol < ERR_PERMISSION\n"
		"[  1000] data: expired under alice\n"
		"[  2000] data: expired under bob\n");
	world_destroy(w);
}

/* Any of them may freeze what he holds. */
static void readers_of_a_frozen_name(void)
{
	struct world *w = world_create();

	opens(w, "alice", "data@shared");
	opens(w, "bob", "data@shared");
	freezes(w, "bob", "data", "1s");
	opens(w, "carol", "data@shared");
	opens(w, "dave", "data@shared,frozen=wait");
	opens(w, "erin", "data@frozen=wait");
	advance(w, 1000);
	expect(w,
		"[     0] alice > acquire data@shared\n"
		"[     0] data: granted to alice, token 1\n"
		"[     0] bob > acquire data@shared\n"
		"[     0] data: granted to bob, token 2\n"
		"[     0] bob > freeze data 1s\n"
		"[     0] data: frozen by bob for 1000\n"
		"[     0] carol > acquire data@shared\n"
		"[     0] data: denied to carol, frozen\n"
		"[     0] carol < ERR_FROZEN\n"
		"[     0] dave > acquire data@shared,frozen=wait\n"
		"[     0] erin > acquire data@frozen=wait\n"
		"[  1000] data: thawed\n"
		"[  1000] data: granted to dave, token 3\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"readers hold together, and a writer waits for all of them",
			readers_hold_together},
		{"a writer is alone; then all who read come in at once", a_writer_is_alone},
		{"nobody overtakes a writer who waits", nobody_overtakes_a_writer},
		{"readers go on when the writer gives up", readers_go_on_when_the_writer_gives_up},
		{"an interrupted writer is passed over, not forgotten",
			an_interrupted_writer_is_passed_over},
		{"each shared hold is lost alone", each_is_lost_alone},
		{"each is renewed by who has it", each_is_renewed_by_who_has_it},
		{"readers of a frozen name", readers_of_a_frozen_name},
	};

	return CHECK_RUN(cases);
}
