/* Stories about bind=pid: "the hold ends when the opening process dies, even if a child still has
 * the descriptor". */
#include <string.h>

#include "story.h"

static void it_ends_with_its_process(void)
{
	struct world *w = world_create();
	struct text text = {0};

	opens(w, "alice", "deploy@bind=pid");
	opens(w, "bob", "deploy");
	CHECK(engine_bound(w->engine, 1) && !engine_bound(w->engine, 2));
	advance(w, 500);
	survived(w, "alice", "deploy", 9);
	CHECK_EQUAL(engine_counters(w->engine)->pruned, 1);
	CHECK(!engine_bound(w->engine, 1) && !engine_bound(w->engine, 2)); /* bob is not bound */
	CHECK(!engine_bound(w->engine, 3));

	const struct view view = world_view(w, w->engine);

	CHECK(view_hold(&view, 1, &text)); /* by who has inherited the descriptor */
	text_add(&text, "", 1);
	CHECK(strstr(text.data, "\"state\":\"lost\""));
	text_finish(&text);
	renews_id(w, 1, "1m");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy@bind=pid\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[   500] alice dies, survived by deploy\n"
		"[   500] deploy: pruned, alice killed 9\n"
		"[   500] deploy: granted to bob, token 2\n"
		"[   500] alice > renew deploy 1m\n"
		"[   500] alice < ERR_LOST\n"
		"[   500] alice > close deploy\n");
	CHECK_EQUAL(engine_counters(w->engine)->releases, 0);
	world_destroy(w);
}

static void it_exits(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a+b@bind=pid,ttl=1s");
	survived(w, "alice", "a+b", 0);
	survived(w, "alice", "a+b", 0);
	advance(w, 2000);
	expect(w,
		"[     0] alice > acquire a+b@bind=pid,ttl=1s\n"
		"[     0] a+b: granted to alice, token 1\n"
		"[     0] alice dies, survived by a+b\n"
		"[     0] a+b: pruned, alice exited 0\n"
		"[     0] alice dies, survived by a+b\n");
	world_destroy(w);
}

/* The host may see the end of a process that waits, or has lost or closed what it held. */
static void an_end_that_ends_nothing(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@bind=pid,ttl=1s");
	opens(w, "bob", "deploy@bind=pid");
	survived(w, "bob", "deploy", 9);
	advance(w, 1000);
	survived(w, "alice", "deploy", 9);
	closes(w, "alice", "deploy");
	survived(w, "alice", "deploy", 9);
	expect(w,
		"[     0] alice > acquire deploy@bind=pid,ttl=1s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@bind=pid\n"
		"[     0] bob dies, survived by deploy\n"
		"[  1000] deploy: expired under alice\n"
		"[  1000] deploy: granted to bob, token 2\n"
		"[  1000] alice dies, survived by deploy\n"
		"[  1000] alice > close deploy\n"
		"[  1000] alice dies, survived by deploy\n");
	world_destroy(w);
}

/* Who comes back after an interrupt has to ask for the very same. */
static void it_is_part_of_what_is_asked(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@bind=pid");
	interrupted(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	opens(w, "bob", "deploy@bind=fd");
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@bind=pid\n"
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] carol > acquire deploy\n"
		"[     0] bob > acquire deploy@bind=fd\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] deploy: granted to carol, token 2\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"it ends with its process, and its descriptor reads as lost",
			it_ends_with_its_process},
		{"it ends once, as a whole, however its process ended", it_exits},
		{"the end of a process that holds nothing ends nothing", an_end_that_ends_nothing},
		{"bind is part of what is asked for again", it_is_part_of_what_is_asked},
	};

	return CHECK_RUN(cases);
}
