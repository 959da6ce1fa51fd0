/* Stories about breaking: taking away exactly the hold that was meant. */
#include "story.h"

static void a_token_names_the_grant(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	breaks(w, "root", "deploy", 2);
	breaks(w, "root", "deploy", 1);
	breaks(w, "root", "deploy", 1);
	renews(w, "alice", "deploy", NULL);
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy\n"
		"[     0] root > break deploy token 2\n"
		"[     0] root < ERR_LOST\n"
		"[     0] root > break deploy token 1\n"
		"[     0] deploy: alice's token 1 broken by uid 0\n"
		"[     0] deploy: granted to bob, token 2\n"
		"[     0] root > break deploy token 1\n"
		"[     0] root < ERR_LOST\n"
		"[     0] alice > renew deploy\n"
		"[     0] alice < ERR_LOST\n"
		"[     0] alice > close deploy\n");
	CHECK_EQUAL(engine_counters(w->engine)->broken, 1);
	world_destroy(w);
}

static void a_plain_rm_harms_nobody(void)
{
	struct world *w = world_create();

	breaks(w, "alice", "deploy", 0);
	breaks(w, "alice", "deploy", 7);
	opens(w, "alice", "deploy");
	breaks(w, "alice", "deploy", 0);
	breaks(w, "root", "deploy", 0);
	closes(w, "alice", "deploy");
	freezes(w, "root", "deploy", "10s");
	breaks(w, "alice", "deploy", 0);
	expect(w,
		"[     0] alice > break deploy token 0\n"
		"[     0] alice < ERR_ABSENT\n"
		"[     0] alice > break deploy token 7\n"
		"[     0] alice < ERR_LOST\n"
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] alice > break deploy token 0\n"
		"[     0] alice < ERR_HELD\n"
		"[     0] root > break deploy token 0\n"
		"[     0] root < ERR_HELD\n"
		"[     0] alice > close deploy\n"
		"[     0] deploy: released by alice after 0\n"
		"[     0] root > freeze deploy 10s\n"
		"[     0] deploy: frozen by root for 10000\n"
		"[     0] alice > break deploy token 0\n"
		"[     0] alice < ERR_ABSENT\n");
	world_destroy(w);
}

static void a_broken_hold_reads_as_lost(void)
{
	struct world *w = world_create();
	uint64_t id = opens(w, "alice", "deploy@ttl=1s");
	struct view view = world_view(w, w->engine);
	struct text text = {0};

	breaks(w, "root", "deploy", 1);
	CHECK(view_hold(&view, id, &text));
	text_add(&text, "", 1);
	CHECK_STRING(text.data,
		"{\"name\":\"deploy\",\"token\":1,\"mode\":\"exclusive\",\"owner\":\"alice\","
		"\"uid\":1001,\"pid\":1001,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"ttl_ms\":1000,\"expires_at\":\"2026-01-28T20:15:13.123Z\",\"state\":\"lost\"}"
		"\n");
	CHECK_EQUAL(engine_totals(w->engine).names, 0);
	text.len = 0;
	advance(w, 2000);
	closes(w, "alice", "deploy");
	CHECK(!view_hold(&view, id, &text));
	text_finish(&text);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a token names the grant that is broken", a_token_names_the_grant},
		{"a plain rm harms nobody", a_plain_rm_harms_nobody},
		{"a broken hold reads as lost until it is closed", a_broken_hold_reads_as_lost},
	};

	return CHECK_RUN(cases);
}
