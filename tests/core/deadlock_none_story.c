/* Stories about what looks like a deadlock and is none. */
#include <stdio.h>

#include "core/timer.h"
#include "story.h"

#define HEIGHT 26

static void one_slot_leads_elsewhere(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "carol", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "alice", "gpu@slots=3");
	advance(w, 10000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	world_destroy(w);
}

/* Several threads, or a /proc that cannot be read: it may yet close what it has. */
static void what_is_not_seen_is_no_deadlock(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "b");
	seen(w, "alice", 1, false);
	opens(w, "alice", "b");
	opens(w, "bob", "a");
	advance(w, 10000);
	opens(w, "carol/0", "c"); /* an opener that cannot be told */
	opens(w, "carol/0", "c");
	advance(w, 10000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	world_destroy(w);
}

/* What ends in time is no deadlock: a TTL, a wait, a freeze that somebody waits out. */
static void what_ends_in_time(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a@ttl=400ms");
	opens(w, "bob", "b");
	opens(w, "alice", "b");
	opens(w, "bob", "a");
	advance(w, 10000);
	opens(w, "carol", "c");
	opens(w, "carol", "c@timeout=400ms");
	advance(w, 1000);
	freezes(w, "root", "f", "10s");
	opens(w, "dave", "f@frozen=wait");
	advance(w, 20000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	CHECK_EQUAL(world_answers(w, ERR_TIMEOUT), 1);
	world_destroy(w);
}

/* A lease is nobody's descriptor: it ends by itself, and others may remove it. */
static void a_lease_is_no_deadlock(void)
{
	struct world *w = world_suspicious();

	takes(w, "alice", "a", "1h");
	opens(w, "alice", "a");
	advance(w, 10000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	world_destroy(w);
}

/* A way that leads round without coming back to where it began is somebody else's. */
static void who_waits_for_a_deadlock_is_not_in_it(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "b");
	opens(w, "carol", "a");
	opens(w, "alice", "b");
	advance(w, 10);
	opens(w, "bob", "a");
	opens(w, "dave", "b");
	advance(w, 10000);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 1);
	CHECK(engine_waits(w->engine, 3) && engine_waits(w->engine, 4));
	CHECK(engine_waits(w->engine, 6));
	world_destroy(w);
}

static void nobody_looks_when_it_is_off(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "alice", "a");
	CHECK_EQUAL(engine_suspect(w->engine), 0);
	advance(w, 100000);
	CHECK_EQUAL(engine_suspect(w->engine), 0);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	world_destroy(w);
}

/* Who has nothing that others may wait for is looked at once; who is never seen, for hours. */
static void the_looks_end(void)
{
	struct world *w = world_suspicious();

	opens(w, "alice", "a");
	opens(w, "bob", "a");
	CHECK_EQUAL(world_deadline_ms(w), 500);
	advance(w, 500);
	CHECK(engine_deadline(w->engine) == NEVER);
	visible(w, "carol", false);
	opens(w, "carol", "a");
	advance(w, 86400000);
	CHECK(engine_deadline(w->engine) == NEVER);
	CHECK_EQUAL(engine_suspect(w->engine), 0);
	world_destroy(w);
}

/* Two at each height, each of whom waits for both above: more ways than anybody can go. */
static void a_thicket(void)
{
	struct world *w = world_suspicious();
	char who[8], spec[24];

	for (int i = 0; i < 2 * HEIGHT; i++) {
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "n%d", i);
		opens(w, who, spec);
	}
	for (int i = 2 * (HEIGHT - 1) - 1; i >= 0; i--) { /* who is looked at last sees all */
		snprintf(who, sizeof(who), "u%d", i);
		snprintf(spec, sizeof(spec), "n%d+n%d", i / 2 * 2 + 2, i / 2 * 2 + 3);
		opens(w, who, spec);
	}
	advance(w, 500);
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	world_destroy(w);
}

/* The host may have looked at who by then no longer waits, or at the same one twice. */
static void a_late_look(void)
{
	struct world *w = world_suspicious();
	const uint64_t holds[] = {1};
	struct event event = {.kind = EVENT_SUSPECT, .holds = holds, .n_holds = 1};

	opens(w, "alice", "a");
	opens(w, "bob", "a");
	w->told = w->story.len;
	for (event.id = 0; event.id < 4; event.id++) {
		if (event.id != 2)
			world_step(w, &event);
	}
	event.id = 2;
	event.n_holds = 0;
	world_step(w, &event);
	world_step(w, &event);
	expect(w, "");
	CHECK_EQUAL(world_answers(w, ERR_DEADLOCK), 0);
	closes(w, "alice", "a");
	event.n_holds = 1;
	world_step(w, &event); /* holds by now */
	CHECK(engine_holds(w->engine, 2));
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a slot that leads elsewhere is a way out", one_slot_leads_elsewhere},
		{"what is not seen is no deadlock", what_is_not_seen_is_no_deadlock},
		{"what ends in time is none", what_ends_in_time},
		{"a lease is none", a_lease_is_no_deadlock},
		{"who waits for a deadlock is not in it", who_waits_for_a_deadlock_is_not_in_it},
		{"nobody looks when it is off", nobody_looks_when_it_is_off},
		{"the looks end", the_looks_end},
		{"a thicket is searched only so far", a_thicket},
		{"a look that comes late is nothing", a_late_look},
	};

	return CHECK_RUN(cases);
}
