/* Stories about a server that dies, or that takes its mount along.
 *
 * "A lock whose holder still runs is not granted to another, whatever dies." */
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "deed.h"
#include "life.h"

static void nobody_notices(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=5s");
	opens(w, "bob", "deploy@timeout=3s");
	opens(w, "carol", "deploy");
	opens(w, "dave", "deploy+build@owner=ci");
	advance(w, 1000);
	world_survive(w);
	CHECK_EQUAL(world_deadline_ms(w), 3000);
	renews(w, "alice", "deploy", NULL);
	advance(w, 2000);
	world_survive(w);
	world_survive(w);
	closes(w, "alice", "deploy");
	closes(w, "carol", "deploy");
	expect(w,
		"[     0] alice > acquire deploy@ttl=5s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=3s\n"
		"[     0] carol > acquire deploy\n"
		"[     0] dave > acquire deploy+build@owner=ci\n"
		"[  1000] alice > renew deploy\n"
		"[  1000] deploy: renewed by alice for 5000\n"
		"[  3000] deploy: denied to bob, timeout\n"
		"[  3000] bob < ERR_TIMEOUT\n"
		"[  3000] alice > close deploy\n"
		"[  3000] deploy: released by alice after 3000\n"
		"[  3000] deploy: granted to carol, token 2\n"
		"[  3000] carol > close deploy\n"
		"[  3000] deploy: released by carol after 0\n"
		"[  3000] build+deploy: granted to ci, token 3\n");
	world_destroy(w);
}

/* Who has lost his hold is told so after the restart too, however he lost it, and whether the log or
 * its checkpoint knows of it. */
static void what_is_lost_stays_lost(void)
{
	for (int checkpoint = 0; checkpoint < 2; checkpoint++) {
		struct world *w = world_create();

		opens(w, "alice", "a@ttl=1s");
		opens(w, "bob", "b");
		opens(w, "carol", "c@bind=pid");
		opens(w, "dave", "d");
		takes(w, "erin", "e", "1s");
		breaks(w, "root", "b", 2);
		survived(w, "carol", "c", 9);
		advance(w, 1000);
		opens(w, "frank", "a");
		if (checkpoint)
			world_checkpoint(w);
		world_survive(w);
		w->told = w->story.len;
		renews(w, "alice", "a", NULL);
		renews(w, "bob", "b", NULL);
		renews(w, "carol", "c", NULL);
		CHECK(journal_line(w->engine, "{\"event\":\"release\",\"token\":2}", 29, false) ==
			ERR_CORRUPT);      /* no line follows the end of a hold */
		breaks(w, "root", "b", 2); /* by the token of what is lost already */
		closes(w, "alice", "a");
		closes(w, "bob", "b");
		closes(w, "carol", "c");
		CHECK_EQUAL(world_answers(w, ERR_LOST), 4);
		CHECK_EQUAL(engine_totals(w->engine).holders, 2);
		closes(w, "dave", "d");
		closes(w, "frank", "a");
		CHECK_EQUAL(engine_counters(w->engine)->releases, 2);
		CHECK_EQUAL(engine_totals(w->engine).names, 0);
		world_destroy(w);
	}
}

/* The second of grace goes on, and so does the time-out. */
static void who_was_interrupted_may_come_back(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy@timeout=5s");
	advance(w, 1);
	opens(w, "carol", "deploy");
	opens(w, "dave", "deploy");
	advance(w, 599);
	interrupted(w, "bob", "deploy");
	interrupted(w, "dave", "deploy");
	advance(w, 300);
	world_survive(w);
	CHECK_EQUAL(world_deadline_ms(w), 1600);
	advance(w, 300);
	opens(w, "bob", "deploy@timeout=5s");
	world_survive(w);
	advance(w, 800);
	closes(w, "alice", "deploy");
	expect(w,
		"[     0] alice > acquire deploy\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob > acquire deploy@timeout=5s\n"
		"[     1] carol > acquire deploy\n"
		"[     1] dave > acquire deploy\n"
		"[   600] bob is interrupted\n"
		"[   600] bob < ERR_INTERRUPTED\n"
		"[   600] dave is interrupted\n"
		"[   600] dave < ERR_INTERRUPTED\n"
		"[  1200] bob > acquire deploy@timeout=5s\n"
		"[  1600] deploy: denied to dave, cancelled\n"
		"[  2000] alice > close deploy\n"
		"[  2000] deploy: released by alice after 2000\n"
		"[  2000] deploy: granted to bob, token 2\n");
	world_destroy(w);
}

/* Puts somebody back who cannot have waited: the name is in use with other slots. */
static void who_cannot_have_waited(void)
{
	struct world *w = world_create();
	struct spec spec = {
		.names = "gpu", .slots = 2, .ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE};
	struct event event = {
		.kind = EVENT_REQUEUE, .spec = &spec, .id = 99, .who.owner = "x", .since_ns = 1};

	opens(w, "alice", "gpu@slots=3");
	w->told = w->story.len;
	world_step(w, &event);
	expect(w, "");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=3");
	opens(w, "bob", "gpu@slots=3");
	w->told = w->story.len;
	event.request = (void *)4;
	event.id = 4;
	interrupted_id(w, 4);
	w->requests[3].answered = false; /* as if the answer had not gone out */
	w->pending++;
	world_step(w, &event);
	expect(w,
		"[     0] bob is interrupted\n"
		"[     0] bob < ERR_INTERRUPTED\n"
		"[     0] bob < ERR_INVALID\n");
	world_destroy(w);
}

/* The log has the release, but the server died before it could grant. */
static void whose_turn_it_is(void)
{
	struct world *w = world_create();
	struct spec spec;
	char owner[OWNER_MAX + 1];
	struct event event = {.kind = EVENT_REQUEUE, .spec = spec_of("a+b", &spec), .since_ns = 1};

	event.who = actor_of("bob", owner);
	event.id = request_add(w, &event, "bob", "a+b");
	w->requests[0].acquire = true;
	world_step(w, &event);
	expect(w, "[     0] a+b: granted to bob, token 1\n");
	world_destroy(w);
}

/* What is counted by the host, and not in the log: no limit is asked, it was given before. */
static void readers_read_on(void)
{
	struct world *w = world_limited(LIMIT_READERS, 1, 5);
	struct event event = {
		.kind = EVENT_READMIT, .limit = LIMIT_READERS, .amount = 2, .who.uid = 1001};

	world_survive(w);
	world_step(w, &event);
	CHECK_EQUAL(engine_totals(w->engine).readers, 2);
	reads(w, "alice");
	CHECK_EQUAL(world_answers(w, ERR_LIMIT), 1);
	stops_reading(w, "alice");
	stops_reading(w, "alice");
	CHECK_EQUAL(engine_totals(w->engine).readers, 0);
	stops_reading(w, "alice"); /* who had none: nothing below nothing */
	reads(w, "alice");
	stops_reading(w, "alice");
	CHECK_EQUAL(world_answers(w, ERR_LIMIT), 1);
	world_destroy(w);
}

/* A process that has an orphan's descriptor. */
static int32_t keeper(const void *context, uint64_t id)
{
	(void)context;
	return id == engine_replayed(1) ? 4123 : 0;
}

/* Whether the status of a name has these members; `looked`: where the host knows who has an orphan. */
static bool says(const struct world *w, const char *name, bool looked, const char *members)
{
	struct view view = world_view(w, w->engine);
	struct text text = {0};
	bool found;

	view.keeper = looked ? keeper : NULL;
	view_name(&view, name, true, &text);
	text_add(&text, "", 1);
	found = strstr(text.data, members) != NULL;
	text_finish(&text);
	return found;
}

/* The mount died: every hold is an orphan until somebody sees that nobody has it. */
static void an_orphan_stays(void)
{
	struct world *w = world_create();
	uint64_t one, two, three;

	opens(w, "alice", "a");
	opens(w, "bob", "b@ttl=5s");
	takes(w, "carol", "c", "1h");
	opens(w, "dave", "d@bind=pid");
	opens(w, "erin", "e");
	breaks(w, "root", "e", 5);
	w->told = w->story.len;
	world_orphan(w);
	one = engine_orphan(w->engine, 0);
	two = engine_orphan(w->engine, one);
	three = engine_orphan(w->engine, two);
	CHECK(one == engine_replayed(1) && two == engine_replayed(2) &&
		three == engine_replayed(4));
	CHECK_EQUAL(engine_orphan(w->engine, three), 0);
	orphan_stays(w, one, "a process has it");
	orphan_stays(w, three, "cannot be seen");
	CHECK(says(w, "a", true, "\"orphan\":true,\"kept_by\":4123"));
	CHECK(says(w, "d", true, "\"orphan\":true,\"kept_by\":null"));
	CHECK(says(w, "a", false, "\"orphan\":true,\"kept_by\":null"));
	CHECK(!says(w, "b", true, "orphan")); /* not yet looked for */
	orphan_stays(w, 99, "nothing");
	opens(w, "frank", "a@timeout=1m");
	opens(w, "frank", "b@timeout=1m");
	breaks(w, "root", "d", 4);
	advance(w, 5000);
	orphan_ends(w, one);
	orphan_stays(w, two, "it is lost by now");
	expect(w,
		"[     0] the daemon and its mount are gone\n"
		"[     0] a: token 1 stays, a process has it\n"
		"[     0] d: token 4 stays, cannot be seen\n"
		"[     0] frank > acquire a@timeout=1m\n"
		"[     0] frank > acquire b@timeout=1m\n"
		"[     0] root > break d token 4\n"
		"[     0] d: dave's token 4 broken by uid 0\n"
		"[  5000] b: expired under bob\n"
		"[  5000] b: granted to frank, token 6\n"
		"[  5000] nobody has it any more\n"
		"[  5000] a: pruned, alice unknown 0\n"
		"[  5000] a: granted to frank, token 7\n");
	CHECK_EQUAL(engine_orphan(w->engine, 0), 0);
	world_destroy(w);
}

/* What the host asks of a hold; who adopts it is told of it, and nobody adopts it twice. */
static void what_is_known_of_a_hold(void)
{
	struct world *w = world_create();
	struct record record;

	opens(w, "alice", "b+a@ttl=5s,shared,owner=ci");
	opens(w, "bob", "a");
	CHECK(engine_hold(w->engine, 1, &record));
	CHECK_STRING(record.names, "a+b");
	CHECK_STRING(record.owner, "ci");
	CHECK(record.token == 1 && record.ttl_ms == 5000 && record.mode == MODE_SHARED);
	CHECK(!engine_hold(w->engine, 2, &record) && !engine_hold(w->engine, 99, &record));
	CHECK_EQUAL(engine_queued_ns(w->engine, 2), w->now.mono_ns);
	CHECK_EQUAL(engine_queued_ns(w->engine, 99), 0);
	CHECK(engine_token(w->engine, 1) == 1 && engine_token(w->engine, 2) == 0);
	CHECK_EQUAL(engine_token(w->engine, 99), 0);
	world_survive(w);
	CHECK(!engine_adopt(w->engine, engine_replayed(1), (void *)1));
	CHECK(!engine_adopt(w->engine, engine_replayed(9), (void *)1));
	CHECK_EQUAL(engine_orphan(w->engine, 0), 0);
	watches(w, "alice", "a+b");
	w->told = w->story.len;
	advance(w, 5000);
	expect(w,
		"[  5000] a+b: expired under ci\n"
		"[  5000] a: granted to bob, token 2\n"
		"[  5000] alice is told of a+b\n");
	world_destroy(w);
}

/* A life during which the server dies now and then, at the end of a step; `often`: of a hundred. No
 * two things happen at the same time: which of two deadlines comes first is nobody's promise. */
static struct world *live(uint64_t seed, uint64_t often)
{
	struct world *w = world_create();
	struct life life = {.seed = seed};

	for (int i = 0; i < 2000; i++) {
		struct act act = life_choose(&life, w);

		w->now.mono_ns++;
		w->now.boot_ns++;
		life_do(w, &act);
		if (check_random(&life.seed) % 100 < often &&
			engine_deadline(w->engine) > w->now.mono_ns)
			world_survive(w);
		if (i % 250 == 0)
			world_checkpoint(w);
	}
	return w;
}

/* The story without the lines that count denials, which begin anew. */
static void without_denials(struct text *story)
{
	char *to = story->data, *line = story->data, *end;

	for (; line < story->data + story->len; line = end) {
		end = memchr(line, '\n', (size_t)(story->data + story->len - line));
		*end++ = '\0';
		if (strstr(line, " denied to "))
			continue;
		end[-1] = '\n';
		memmove(to, line, (size_t)(end - line));
		to += end - line;
	}
	story->len = (size_t)(to - story->data);
	text_add(story, "", 1);
}

static void a_life_with_deaths_is_the_same_life(void)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		struct world *a = live(seed, 0), *b = live(seed, 10);
		char *first = world_views(a, a->engine), *second = world_views(b, b->engine);

		without_denials(&a->story);
		without_denials(&b->story);
		CHECK_STRING(b->story.data, a->story.data);
		CHECK_STRING(second, first);
		free(first);
		free(second);
		world_destroy(a);
		world_destroy(b);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"nobody notices", nobody_notices},
		{"what is lost stays lost", what_is_lost_stays_lost},
		{"who was interrupted may come back", who_was_interrupted_may_come_back},
		{"who cannot have waited is sent away", who_cannot_have_waited},
		{"whose turn it is by now is granted", whose_turn_it_is},
		{"readers read on", readers_read_on},
		{"an orphan stays until nobody has it", an_orphan_stays},
		{"what is known of a hold", what_is_known_of_a_hold},
		{"a life with deaths is the same life", a_life_with_deaths_is_the_same_life},
	};

	return CHECK_RUN(cases);
}
