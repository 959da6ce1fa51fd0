/* Stories about freezes: whom they stop, and how they end. */
#include <string.h>

#include "core/timer.h"
#include "story.h"

static void a_freeze_sends_the_queue_away(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=2s");
	opens(w, "bob", "deploy");
	opens(w, "carol", "deploy");
	advance(w, 1000);
	freezes(w, "root", "deploy", "10s");
	renews(w, "alice", "deploy", "1m");
	opens(w, "dave", "deploy@try");
	opens(w, "dave", "build");
	closes(w, "alice", "deploy");
	advance(w, 10000);
	opens(w, "dave", "deploy");
	expect(w,
		"[     0] alice > acquire deploy@ttl=2s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] carol > acquire deploy\n"
		"[  1000] root > freeze deploy 10s\n"
		"[  1000] deploy: frozen by root for 10000\n"
		"[  1000] deploy: denied to bob, frozen\n"
		"[  1000] deploy: denied to carol, frozen\n"
		"[  1000] bob < ERR_FROZEN\n"
		"[  1000] carol < ERR_FROZEN\n"
		"[  1000] alice > renew deploy 1m\n"
		"[  1000] deploy: renewed by alice for 60000\n"
		"[  1000] dave > acquire deploy@try\n"
		"[  1000] deploy: denied to dave, frozen\n"
		"[  1000] dave < ERR_FROZEN\n"
		"[  1000] dave > acquire build\n"
		"[  1000] build: granted to dave, token 2\n"
		"[  1000] alice > close deploy\n"
		"[  1000] deploy: released by alice after 1000\n"
		"[ 11000] deploy: thawed\n"
		"[ 11000] dave > acquire deploy\n"
		"[ 11000] deploy: granted to dave, token 3\n");
	world_destroy(w);
}

static void a_patient_queue_waits_for_the_thaw(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@frozen=wait");
	freezes(w, "root", "deploy", "10s");
	opens(w, "bob", "deploy@frozen=wait");
	opens(w, "carol", "deploy@frozen=wait,timeout=3s");
	opens(w, "dave", "deploy@frozen=wait,try");
	opens(w, "erin", "deploy");
	opens(w, "frank", "deploy@frozen=wait");
	closes(w, "alice", "deploy");
	advance(w, 5000);
	expect(w,
		"[     0] alice > acquire deploy@frozen=wait\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] root > freeze deploy 10s\n"
		"[     0] deploy: frozen by root for 10000\n"
		"[     0] bob > acquire deploy@frozen=wait\n"
		"[     0] carol > acquire deploy@frozen=wait,timeout=3s\n"
		"[     0] dave > acquire deploy@frozen=wait,try\n"
		"[     0] deploy: denied to dave, held\n"
		"[     0] dave < ERR_WOULD_WAIT\n"
		"[     0] erin > acquire deploy\n"
		"[     0] deploy: denied to erin, frozen\n"
		"[     0] erin < ERR_FROZEN\n"
		"[     0] frank > acquire deploy@frozen=wait\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[  3000] deploy: denied to carol, timeout\n"
		"[  3000] carol < ERR_TIMEOUT\n");
	advance(w, 6000);
	closes(w, "bob", "deploy");
	expect(w,
		"[ 10000] deploy: thawed\n"
		"[ 10000] deploy: granted to bob, token 2\n"
		"[ 11000] bob > close deploy\n"
		"[ 11000] deploy: released by bob after 1000\n"
		"[ 11000] deploy: granted to frank, token 3\n");
	world_destroy(w);
}

static void everything_freezes(void)
{
	struct world *w = world_create();

	opens(w, "alice", "a");
	opens(w, "bob", "a@frozen=wait");
	freezes(w, "root", "@all", "1s");
	freezes(w, "root", "b", "2s");
	closes(w, "alice", "a");
	opens(w, "carol", "c");
	opens(w, "dave", "b@frozen=wait");
	advance(w, 3000);
	expect(w,
		"[     0] alice > acquire a\n"
		"[     0] a: granted to alice, token 1\n"
		"[     0] bob > acquire a@frozen=wait\n"
		"[     0] root > freeze @all 1s\n"
		"[     0] @all: frozen by root for 1000\n"
		"[     0] root > freeze b 2s\n"
		"[     0] b: frozen by root for 2000\n"
		"[     0] alice > close a\n"
		"[     0] a: released by alice after 0\n"
		"[     0] carol > acquire c\n"
		"[     0] c: denied to carol, frozen\n"
		"[     0] carol < ERR_FROZEN\n"
		"[     0] dave > acquire b@frozen=wait\n"
		"[  1000] @all: thawed\n"
		"[  1000] a: granted to bob, token 2\n"
		"[  2000] b: thawed\n"
		"[  2000] b: granted to dave, token 3\n");
	world_destroy(w);
}

static void freezing_again_moves_the_end(void)
{
	struct world *w = world_create();

	freezes(w, "root", "deploy", "10s");
	opens(w, "alice", "deploy@frozen=wait");
	advance(w, 1000);
	freezes(w, "root", "deploy", "20s");
	CHECK_EQUAL(world_deadline_ms(w), 21000);
	freezes(w, "root", "deploy", "500ms");
	CHECK_EQUAL(world_deadline_ms(w), 1500);
	CHECK_EQUAL(engine_totals(w->engine).freezes, 1);
	unfreezes(w, "root", "deploy");
	unfreezes(w, "root", "deploy");
	expect(w,
		"[     0] root > freeze deploy 10s\n"
		"[     0] deploy: frozen by root for 10000\n"
		"[     0] alice > acquire deploy@frozen=wait\n"
		"[  1000] root > freeze deploy 20s\n"
		"[  1000] deploy: frozen by root for 20000\n"
		"[  1000] root > freeze deploy 500ms\n"
		"[  1000] deploy: frozen by root for 500\n"
		"[  1000] root > unfreeze deploy\n"
		"[  1000] deploy: unfrozen by root\n"
		"[  1000] deploy: granted to alice, token 1\n"
		"[  1000] root > unfreeze deploy\n"
		"[  1000] root < ERR_ABSENT\n");
	world_destroy(w);
}

/* The wait was to end after the thaw: the daemon slept through both. */
static void a_thaw_comes_before_a_later_timeout(void)
{
	struct world *w = world_create();

	freezes(w, "root", "deploy", "1s");
	opens(w, "alice", "deploy@frozen=wait,timeout=2s");
	opens(w, "bob", "deploy@frozen=wait,timeout=500ms");
	stall(w, 5000);
	world_tick(w);
	expect(w,
		"[     0] root > freeze deploy 1s\n"
		"[     0] deploy: frozen by root for 1000\n"
		"[     0] alice > acquire deploy@frozen=wait,timeout=2s\n"
		"[     0] bob > acquire deploy@frozen=wait,timeout=500ms\n"
		"[  5000] deploy: denied to bob, timeout\n"
		"[  5000] deploy: thawed\n"
		"[  5000] deploy: granted to alice, token 1\n"
		"[  5000] bob < ERR_TIMEOUT\n");
	world_destroy(w);
}

static void a_freeze_can_be_read(void)
{
	struct world *w = world_create();
	struct view view;
	struct text text = {0};

	freezes(w, "root", "deploy", "10s");
	advance(w, 500);
	view = world_view(w, w->engine);
	CHECK(view_freeze(&view, "deploy", &text));
	CHECK(!view_freeze(&view, "build", &text));
	CHECK(!view_freeze(&view, "@all", &text));
	text_add(&text, "", 1);
	CHECK_STRING(text.data,
		"{\"name\":\"deploy\",\"owner\":\"root\",\"uid\":0,\"pid\":1018,"
		"\"since\":\"2026-01-28T20:15:12.123Z\",\"ttl_ms\":10000,"
		"\"expires_at\":\"2026-01-28T20:15:22.123Z\",\"remaining_ms\":9500}\n");
	text_finish(&text);
	world_destroy(w);
}

static void who_only_tries(void)
{
	struct world *w = world_create();

	freezes(w, "root", "a", "1s");
	opens(w, "alice", "a@try,frozen=wait");
	expect(w,
		"[     0] root > freeze a 1s\n"
		"[     0] a: frozen by root for 1000\n"
		"[     0] alice > acquire a@try,frozen=wait\n"
		"[     0] a: denied to alice, frozen\n"
		"[     0] alice < ERR_WOULD_WAIT\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a freeze sends the queue away and leaves the holder",
			a_freeze_sends_the_queue_away},
		{"frozen=wait waits for the thaw, in order, within its timeout",
			a_patient_queue_waits_for_the_thaw},
		{"@all freezes everything, beside the freezes of names", everything_freezes},
		{"freezing again moves the end; unfreezing ends it", freezing_again_moves_the_end},
		{"a thaw comes before a later timeout after a stall",
			a_thaw_comes_before_a_later_timeout},
		{"who waits for a thaw does not wait by trying", who_only_tries},
		{"a freeze can be read", a_freeze_can_be_read},
	};

	return CHECK_RUN(cases);
}
