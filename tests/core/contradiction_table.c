/* The table of lines that are well-formed and cannot be true: replaying one changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

#define HOLD "\"ts\":\"2026-01-28T20:15:12.123Z\",\"owner\":\"o\",\"uid\":1,\"pid\":1"
#define ACQUIRE(name, token)                                                                       \
	"{\"event\":\"acquire\",\"name\":\"" name "\",\"token\":" token "," HOLD "}"
#define GRANT(members, token) "{\"event\":\"acquire\"," members ",\"token\":" token "," HOLD "}"
#define FREEZE(name, rest) "{\"event\":\"freeze\",\"name\":\"" name "\"," HOLD rest "}"
#define END ",\"ttl_ms\":1000,\"until_ns\":4000000000000"

#define A14 "aaaaaaaaaaaaaa"
#define A126 A14 A14 A14 A14 A14 A14 A14 A14 A14
#define B16 "bbbbbbbbbbbbbbbb"
#define B128 B16 B16 B16 B16 B16 B16 B16 B16

/* Each after a log that says: deploy is held by token 1, build is frozen. */
static const char *const contradictions[] = {
	/* a grant that the engine would not have made */
	ACQUIRE("deploy", "2"),
	ACQUIRE("free", "1"),
	ACQUIRE("free", "0"),
	"{\"event\":\"acquire\",\"name\":\"free\"," HOLD "}",
	"{\"event\":\"acquire\",\"token\":2," HOLD "}",
	ACQUIRE("free", "18446744073709551615"),
	ACQUIRE("free", "9223372036854775807"),
	ACQUIRE("", "2"),
	ACQUIRE("+", "2"),
	ACQUIRE("a+", "2"),
	ACQUIRE("a++b", "2"),
	ACQUIRE("b+a", "2"),
	ACQUIRE("a+a", "2"),
	ACQUIRE("a+deploy", "2"),
	ACQUIRE(".hidden", "2"),
	ACQUIRE("a/b", "2"),
	ACQUIRE("a@try", "2"),
	ACQUIRE("@all", "2"),
	ACQUIRE(A126 "+" B128 "b", "2"),
	ACQUIRE(A126 "+b+" B128, "2"),
	ACQUIRE("caf\\u00c3\\u00a9", "2"),
	/* an end or a renewal of what is not held */
	"{\"event\":\"release\",\"name\":\"deploy\",\"token\":2}",
	"{\"event\":\"release\",\"name\":\"deploy\"}",
	"{\"event\":\"renew\",\"name\":\"deploy\",\"token\":2}",
	"{\"event\":\"stale-break\",\"name\":\"deploy\",\"token\":0}",
	"{\"event\":\"auto-prune\",\"name\":\"deploy\",\"token\":99}",
	"{\"event\":\"force-break\",\"name\":\"deploy\",\"token\":18446744073709551615}",
	/* the end of what is not frozen */
	"{\"event\":\"thaw\",\"name\":\"deploy\"}",
	"{\"event\":\"unfreeze\",\"name\":\"free\"}",
	"{\"event\":\"unfreeze\",\"name\":\"@all\"}",
	"{\"event\":\"thaw\"}",
	/* a freeze that never ends, or of nothing */
	FREEZE("free", ""),
	FREEZE("free", ",\"ttl_ms\":1000,\"until_ns\":18446744073709551615"),
	FREEZE("free", ",\"until_ns\":4000000000000"),
	FREEZE("free", ",\"ttl_ms\":2592000001,\"until_ns\":4000000000000"),
	FREEZE("", END),
	FREEZE("@", END),
	FREEZE("@ALL", END),
	FREEZE("a/b", END),
	FREEZE("a+b", END),
	/* tokens that were granted already, or come to an end */
	"{\"event\":\"checkpoint\",\"next_token\":0,\"token_limit\":10}",
	"{\"event\":\"checkpoint\",\"next_token\":11,\"token_limit\":10}",
	"{\"event\":\"checkpoint\",\"next_token\":1,\"token_limit\":18446744073709551615}",
	"{\"event\":\"checkpoint\"}",
	/* nothing at all */
	"{}",
	"{\"seq\":1}",
};

static void contradictions_change_nothing(void)
{
	struct world *w = world_create();
	char *before, *after;

	opens(w, "alice", "deploy@ttl=1m");
	freezes(w, "root", "build", "1m");
	before = world_picture(w, w->engine);
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
		struct engine *engine = journal_replay(&w->journal, 0);
		const char *line = contradictions[i];

		if (journal_line(engine, line, strlen(line), true) != ERR_CORRUPT)
			check_fail(__FILE__, __LINE__, "%s is believed", line);
		after = world_picture(w, engine);
		CHECK_STRING(after, before);
		free(after);
		engine_destroy(engine);
	}
	free(before);
	world_destroy(w);
}

/* Each after a log that says: token 1 has one of the two slots of gpu, token 2 shares data, token 3
 * is a lease on build, token 4 a group of a and b. */
static const char *const no_such_language[] = {
	/* what leaves no room for it */
	GRANT("\"name\":\"gpu\",\"slots\":3", "9"),
	GRANT("\"name\":\"gpu\"", "9"),
	GRANT("\"name\":\"gpu\",\"mode\":\"shared\"", "9"),
	GRANT("\"name\":\"gpu\",\"mode\":\"shared\",\"slots\":2", "9"),
	GRANT("\"name\":\"data\"", "9"),
	GRANT("\"name\":\"data\",\"slots\":2", "9"),
	GRANT("\"name\":\"data\",\"mode\":\"shared\",\"slots\":2", "9"),
	GRANT("\"name\":\"build\"", "9"),
	GRANT("\"name\":\"build\",\"mode\":\"shared\"", "9"),
	GRANT("\"name\":\"build\",\"slots\":2", "9"),
	GRANT("\"name\":\"build\",\"kind\":\"lease\",\"ttl_ms\":1000", "9"),
	GRANT("\"name\":\"a\"", "9"),
	GRANT("\"names\":[\"b\",\"c\"]", "9"),
	GRANT("\"names\":[\"c\",\"gpu\"],\"slots\":3", "9"),
	/* names that are no group */
	GRANT("\"names\":[\"d\",\"c\"]", "9"),
	GRANT("\"names\":[\"c\",\"c\"]", "9"),
	GRANT("\"names\":[\"c\",\"\"]", "9"),
	GRANT("\"names\":[\"\",\"c\"]", "9"),
	GRANT("\"names\":[]", "9"),
	GRANT("\"names\":[\"c\",\"d/e\"]", "9"),
	GRANT("\"names\":[\"-c\",\"d\"]", "9"),
	/* leases that nobody can have taken */
	GRANT("\"name\":\"free\",\"kind\":\"lease\"", "9"),
	GRANT("\"name\":\"free\",\"kind\":\"lease\",\"ttl_ms\":1000,\"mode\":\"shared\"", "9"),
	GRANT("\"name\":\"free\",\"kind\":\"lease\",\"ttl_ms\":1000,\"slots\":2", "9"),
	GRANT("\"names\":[\"c\",\"d\"],\"kind\":\"lease\",\"ttl_ms\":1000", "9"),
	"{\"event\":\"renew\",\"token\":3}",
	"{\"event\":\"checkpoint\",\"next_token\":9,\"token_limit\":10,\"holds\":[{\"name\":"
	"\"free\","
	"\"token\":9,\"kind\":\"lease\",\"ttl_ms\":1000,\"lost\":1}],\"freezes\":[]}",
	"{\"event\":\"checkpoint\",\"next_token\":9,\"token_limit\":10,\"holds\":[{\"name\":"
	"\"free\","
	"\"token\":9,\"kind\":\"lease\"}],\"freezes\":[]}",
};

static const char *const such_language[] = {
	GRANT("\"name\":\"gpu\",\"slots\":2", "9"),
	GRANT("\"name\":\"data\",\"mode\":\"shared\"", "9"),
	GRANT("\"names\":[\"c\",\"gpu\"],\"slots\":2", "9"),
	GRANT("\"names\":[\"c\",\"d\"]", "9"),
	GRANT("\"names\":[\"c\"]", "9"),
	GRANT("\"name\":\"free\",\"kind\":\"lease\",\"ttl_ms\":1000", "9"),
	GRANT("\"name\":\"free\",\"kind\":\"lease\",\"ttl_ms\":1000,\"slots\":1", "9"),
	GRANT("\"name\":\"free\",\"slots\":4294967295", "9"),
	GRANT("\"name\":\"free\",\"bind\":\"pid\"", "9"),
	"{\"event\":\"renew\",\"token\":3,\"ttl_ms\":1000}",
	"{\"event\":\"renew\",\"token\":4}",
	"{\"event\":\"release\",\"token\":3}",
	"{\"event\":\"stale-break\",\"token\":3}",
};

/* A world that has all of the language in it. */
static struct world *fluent(void)
{
	struct world *w = world_create();

	opens(w, "alice", "gpu@slots=2");
	opens(w, "bob", "data@shared");
	takes(w, "carol", "build", "1m");
	opens(w, "dave", "a+b");
	return w;
}

static void the_language_is_checked(void)
{
	const size_t bad = sizeof(no_such_language) / sizeof(no_such_language[0]);
	const size_t good = sizeof(such_language) / sizeof(such_language[0]);
	struct world *w = fluent();
	char *before = world_picture(w, w->engine), *after;

	for (size_t i = 0; i < bad + good; i++) {
		struct engine *engine = journal_replay(&w->journal, 0);
		const char *line = i < bad ? no_such_language[i] : such_language[i - bad];
		const int err = journal_line(engine, line, strlen(line), true);

		if (err != (i < bad ? ERR_CORRUPT : OK))
			check_fail(__FILE__, __LINE__, "%s gives %d", line, err);
		after = world_picture(w, engine);
		CHECK((strcmp(before, after) == 0) == (i < bad));
		free(after);
		engine_destroy(engine);
	}
	free(before);
	world_destroy(w);
}

static const char *const possible[] = {
	ACQUIRE("free", "3"),
	ACQUIRE("free", "9223372036854775806"),
	ACQUIRE("a+b", "2"),
	ACQUIRE(A126 "+" B128, "2"),
	FREEZE("free", ",\"ttl_ms\":2592000000,\"until_ns\":4000000000000"),
	FREEZE("free", END),
	FREEZE("@all", END),
	FREEZE("build", END),
	FREEZE("free", ",\"ttl_ms\":1000,\"until_ns\":18446744073709551614"),
	"{\"event\":\"renew\",\"token\":1}",
	"{\"event\":\"renew\",\"token\":1,\"ttl_ms\":18446744073709551614,\"at_ns\":1}",
	"{\"event\":\"renew\",\"token\":1,\"ttl_ms\":1,\"at_ns\":18446744073709551614}",
	"{\"event\":\"release\",\"token\":1}",
	"{\"event\":\"unfreeze\",\"name\":\"build\"}",
	"{\"event\":\"thaw\",\"name\":\"build\"}",
	"{\"event\":\"deny\",\"name\":\"x\",\"reason\":\"held\"}",
	"{\"event\":\"start\"}",
	"{\"event\":\"checkpoint\",\"next_token\":1,\"token_limit\":1}",
};

/* What a log may say is believed, and the engine goes on from there: every deadline passes. */
static void the_rest_is_believed(void)
{
	for (size_t i = 0; i < sizeof(possible) / sizeof(possible[0]); i++) {
		struct event event = {.kind = EVENT_RECOVER, .same_boot = i % 2};
		struct world *w = world_create();

		opens(w, "alice", "deploy@ttl=1m");
		freezes(w, "root", "build", "1m");
		engine_destroy(w->engine);
		w->engine = journal_replay(&w->journal, 0);
		if (journal_line(w->engine, possible[i], strlen(possible[i]), true) != OK)
			check_fail(__FILE__, __LINE__, "%s is refused", possible[i]);
		world_step(w, &event);
		CHECK_EQUAL(engine_totals(w->engine).holders, 0);
		world_checkpoint(w);
		advance(w, 30ULL * 86400000);
		world_destroy(w);
	}
}

/* Replays the line, whatever it says, and lets the engine go on from there. */
static void replay_anyway(const char *line, size_t len)
{
	struct event event = {.kind = EVENT_RECOVER, .now = {1, 1, 1}};
	struct engine *engine = engine_create();
	static struct effects fx;

	CHECK(engine);
	journal_line(engine, line, len, true);
	fx.n_records = fx.n_answers = 0;
	engine_step(engine, &event, &fx);
	CHECK_EQUAL(engine_totals(engine).holders, engine_totals(engine).leases);
	engine_deadline(engine);
	engine_destroy(engine);
}

static void a_damaged_checkpoint_harms_nobody(void)
{
	static const char bytes[] = "\0\" {}[],:019Za\xff";
	struct world *w = world_create();

	opens(w, "alice", "deploy+gpu@ttl=1m,slots=2");
	opens(w, "bob", "test@shared,bind=pid");
	takes(w, "bob", "lease", "1m");
	freezes(w, "root", "build", "1m");
	freezes(w, "root", "@all", "1m");
	world_checkpoint(w);

	const size_t len = w->journal.text.len - w->journal.checkpoint - 1;
	char *line = malloc(len);

	CHECK(line);
	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < sizeof(bytes); j++) {
			memcpy(line, w->journal.text.data + w->journal.checkpoint, len);
			line[i] = bytes[j];
			replay_anyway(line, j ? len : i); /* cut off there, or changed */
		}
	free(line);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"contradictions change nothing", contradictions_change_nothing},
		{"so are those that are no language", the_language_is_checked},
		{"the rest is believed, and time goes on", the_rest_is_believed},
		{"a damaged checkpoint harms nobody", a_damaged_checkpoint_harms_nobody},
	};

	return CHECK_RUN(cases);
}
