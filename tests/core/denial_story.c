/* Stories about denials in the log: a script that tries in a loop does not fill it.
 *
 * "the same name, user and reason again within 1 s is one line with `count`" */
#include <stdio.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

static void a_loop_of_tries(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n");
	for (int i = 0; i < 25; i++) {
		opens(w, "bob", "deploy@try");
		advance(w, 100);
	}
	w->told = w->story.len;
	advance(w, 10000);
	CHECK(engine_deadline(w->engine) == NEVER);
	CHECK_EQUAL(world_answers(w, ERR_WOULD_WAIT), 25);
	CHECK_EQUAL(engine_counters(w->engine)->denials[REASON_HELD], 25);
	expect(w, "[  3000] deploy: denied to bob, held, 5 times\n");
	world_destroy(w);
}

static void the_first_line_stands_at_once(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "bob", "x@try");
	opens(w, "bob", "x@try");
	opens(w, "bob/2", "x@try,owner=robot");
	advance(w, 5000);
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] bob > acquire x@try\n"
		"[     0] x: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] bob > acquire x@try\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] bob/2 > acquire x@try,owner=robot\n"
		"[     0] bob/2 < ERR_WOULD_WAIT\n"
		"[  1000] x: denied to robot, held, 2 times\n");
	world_destroy(w);
}

static void silence_ends_it(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "bob", "x@try");
	advance(w, 1000);
	opens(w, "bob", "x@try");
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] bob > acquire x@try\n"
		"[     0] x: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[  1000] bob > acquire x@try\n"
		"[  1000] x: denied to bob, held\n"
		"[  1000] bob < ERR_WOULD_WAIT\n");
	world_destroy(w);
}

static void names_users_and_reasons_are_told_apart(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "alice", "y");
	opens(w, "bob", "x@try");
	opens(w, "bob", "y@try");
	opens(w, "carol", "x@try");
	freezes(w, "bob", "x", "1s");
	opens(w, "bob", "x@timeout=10ms");
	advance(w, 10);
	advance(w, 2000);
	expect(w,
		"[     0] alice > acquire x\n"
		"[     0] x: granted to alice, token 1\n"
		"[     0] alice > acquire y\n"
		"[     0] y: granted to alice, token 2\n"
		"[     0] bob > acquire x@try\n"
		"[     0] x: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] bob > acquire y@try\n"
		"[     0] y: denied to bob, held\n"
		"[     0] bob < ERR_WOULD_WAIT\n"
		"[     0] carol > acquire x@try\n"
		"[     0] x: denied to carol, held\n"
		"[     0] carol < ERR_WOULD_WAIT\n"
		"[     0] bob > freeze x 1s\n"
		"[     0] x: denied to bob, permission\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob > acquire x@timeout=10ms\n"
		"[    10] x: denied to bob, timeout\n"
		"[    10] bob < ERR_TIMEOUT\n");
	world_destroy(w);
}

/* The daemon's last line has yet to come: what was counted by then is said. */
static void a_stop_says_what_was_counted(void)
{
	struct world *w = world_create();

	opens(w, "alice", "x");
	opens(w, "bob", "x@try");
	opens(w, "bob", "x@try");
	opens(w, "carol", "x@try");
	w->told = w->story.len;
	world_stop(w);
	CHECK(engine_deadline(w->engine) == NEVER);
	opens(w, "bob", "x@try");
	opens(w, "bob", "x@try");
	CHECK(engine_deadline(w->engine) == NEVER);
	expect(w,
		"[     0] stop\n"
		"[     0] x: denied to bob, held, 1 times\n"
		"[     0] bob > acquire x@try\n"
		"[     0] x: denied to bob, cancelled\n"
		"[     0] bob < ERR_STOPPING\n"
		"[     0] bob > acquire x@try\n"
		"[     0] x: denied to bob, cancelled\n"
		"[     0] bob < ERR_STOPPING\n");
	world_destroy(w);
}

/* More of them than one step has room for. */
static void a_stop_says_it_all(void)
{
	struct world *w = world_create();
	char who[8];

	opens(w, "alice", "x");
	for (int i = 0; i < 2000; i++) {
		snprintf(who, sizeof(who), "u%d", i / 2);
		opens(w, who, "x@try");
	}
	w->told = w->story.len;
	world_stop(w);
	CHECK(engine_deadline(w->engine) == NEVER);

	const char *end = w->story.data + w->story.len, *at = w->story.data + w->told;
	int lines = 0;

	while ((at = memmem(at, (size_t)(end - at), "1 times", 7))) {
		lines++;
		at += 7;
	}
	CHECK_EQUAL(lines, 1000);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a loop of tries is a line a second, then silence", a_loop_of_tries},
		{"the first line stands at once, the rest as a count",
			the_first_line_stands_at_once},
		{"a second of silence ends it", silence_ends_it},
		{"names, users and reasons are told apart", names_users_and_reasons_are_told_apart},
		{"a stop says what was counted", a_stop_says_what_was_counted},
		{"a stop says it all", a_stop_says_it_all},
	};

	return CHECK_RUN(cases);
}
