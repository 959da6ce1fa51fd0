/* The story as the log tells it: every kind of line, member by member.
 *
 * "One JSON object a line, without spaces: `seq`, `ts`, `event`, `name` (or `names`), `token`,
 * `owner`, `uid`, `host`, `pid`, what the event needs besides, and last `prev`, `h`." */
#include <stdlib.h>
#include <string.h>

#include "story.h"

/* Checks that the log has these lines from offset `from` on, the chain's members left out. */
static void expect_lines(struct world *w, size_t from, const char *expected)
{
	char *log = strndup(w->journal.text.data + from, w->journal.text.len - from);
	struct text lines = {0};

	CHECK(log);
	for (char *line = log, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *prev = memmem(line, (size_t)(end - line), ",\"prev\":", 8);

		CHECK(prev && end - prev < 150);
		text_add(&lines, line, (size_t)(prev - line));
		text_put(&lines, "}\n");
	}
	text_add(&lines, "", 1);
	CHECK_STRING(lines.data, expected);
	text_finish(&lines);
	free(log);
}

static void holds(void)
{
	struct world *w = world_create();
	size_t from = w->journal.text.len;

	opens(w, "alice", "deploy@ttl=2s");
	opens(w, "bob", "deploy@owner=ci:7");
	advance(w, 100);
	renews(w, "alice", "deploy", "1s");
	advance(w, 23);
	closes(w, "alice", "deploy");
	breaks(w, "root", "deploy", 2);
	expect_lines(w, from,
		"{\"seq\":2,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"acquire\",\"name\":"
		"\"deploy\",\"token\":1,\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":"
		"1001,\"waited_ms\":0,\"mode\":\"exclusive\",\"kind\":\"open\",\"ttl_ms\":2000,"
		"\"at_ns\":1000000000000,\"pid_start_ns\":7007}\n"
		"{\"seq\":3,\"ts\":\"2026-01-28T20:15:12.223Z\",\"event\":\"renew\",\"name\":"
		"\"deploy\",\"token\":1,\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":"
		"1001,\"ttl_ms\":1000,\"at_ns\":1000100000000}\n"
		"{\"seq\":4,\"ts\":\"2026-01-28T20:15:12.246Z\",\"event\":\"release\",\"name\":"
		"\"deploy\",\"token\":1,\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":"
		"1001,\"held_ms\":123}\n"
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:12.246Z\",\"event\":\"acquire\",\"name\":"
		"\"deploy\",\"token\":2,\"owner\":\"ci:7\",\"uid\":1002,\"host\":\"box\",\"pid\":"
		"1002,\"waited_ms\":123,\"mode\":\"exclusive\",\"kind\":\"open\","
		"\"at_ns\":1000123000000,\"pid_start_ns\":7014}\n"
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:12.246Z\",\"event\":\"force-break\",\"name\":"
		"\"deploy\",\"token\":2,\"owner\":\"ci:7\",\"uid\":1002,\"host\":\"box\",\"pid\":"
		"1002,\"held_ms\":0,\"by_uid\":0,\"by_pid\":1018}\n");
	world_destroy(w);
}

static void ends(void)
{
	struct world *w = world_create();
	size_t from;

	opens(w, "alice", "a@ttl=2s");
	opens(w, "bob", "b");
	opens(w, "carol", "c");
	from = w->journal.text.len;
	advance(w, 2000);
	dies(w, "bob", "b", 9);
	dies(w, "carol", "c", 0);
	expect_lines(w, from,
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:14.123Z\",\"event\":\"stale-break\",\"name\":"
		"\"a\",\"token\":1,\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,"
		"\"held_ms\":2000}\n"
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:14.123Z\",\"event\":\"auto-prune\",\"name\":"
		"\"b\",\"token\":2,\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\",\"pid\":1002,"
		"\"held_ms\":2000,\"reason\":\"killed\",\"signal\":9}\n"
		"{\"seq\":7,\"ts\":\"2026-01-28T20:15:14.123Z\",\"event\":\"auto-prune\",\"name\":"
		"\"c\",\"token\":3,\"owner\":\"carol\",\"uid\":1003,\"host\":\"box\",\"pid\":1003,"
		"\"held_ms\":2000,\"reason\":\"exited\"}\n");
	world_destroy(w);
}

static void denials(void)
{
	struct world *w = world_create();
	size_t from;

	opens(w, "alice", "deploy");
	from = w->journal.text.len;
	opens(w, "bob", "deploy@try");
	opens(w, "bob/0", "deploy@try,owner=robot");
	opens(w, "bob/2", "deploy@try,owner=droid");
	breaks(w, "bob", "deploy", 1);
	advance(w, 1000);
	expect_lines(w, from,
		"{\"seq\":3,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"deny\",\"name\":"
		"\"deploy\",\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\",\"pid\":1002,"
		"\"reason\":\"held\"}\n"
		"{\"seq\":4,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"deny\",\"name\":"
		"\"deploy\",\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\",\"pid\":1002,"
		"\"reason\":\"permission\"}\n"
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"deny\",\"name\":"
		"\"deploy\",\"owner\":\"droid\",\"uid\":1002,\"host\":\"box\",\"pid\":1002,"
		"\"reason\":\"held\",\"count\":2}\n");
	world_destroy(w);
}

static void freezes_and_their_ends(void)
{
	struct world *w = world_create();
	size_t from;

	opens(w, "alice", "deploy");
	from = w->journal.text.len;
	freezes(w, "alice", "deploy", "2s");
	freezes(w, "root", "@all", "1s");
	advance(w, 1500);
	unfreezes(w, "root", "deploy");
	expect_lines(w, from,
		"{\"seq\":3,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"freeze\",\"name\":"
		"\"deploy\",\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,"
		"\"ttl_ms\":2000,\"expires_at\":\"2026-01-28T20:15:14.123Z\","
		"\"until_ns\":3002000000000}\n"
		"{\"seq\":4,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"freeze\",\"name\":"
		"\"@all\",\"owner\":\"root\",\"uid\":0,\"host\":\"box\",\"pid\":1018,"
		"\"ttl_ms\":1000,\"expires_at\":\"2026-01-28T20:15:13.123Z\","
		"\"until_ns\":3001000000000}\n"
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"thaw\",\"name\":"
		"\"@all\",\"owner\":\"root\",\"uid\":0,\"host\":\"box\",\"pid\":1018}\n"
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:13.623Z\",\"event\":\"unfreeze\",\"name\":"
		"\"deploy\",\"owner\":\"root\",\"uid\":0,\"host\":\"box\",\"pid\":1018}\n");
	world_destroy(w);
}

/* Each with what one name exclusively, by an open, for ever, does not have. */
static void the_whole_language(void)
{
	struct world *w = world_create();
	size_t from = w->journal.text.len;

	opens(w, "alice", "b+a@shared,ttl=1s");
	opens(w, "bob", "gpu@slots=2,bind=pid");
	takes(w, "carol", "build@owner=ci", "1m");
	suspended(w, 1000); /* and the clocks part */
	touches(w, "carol", "build@owner=ci", NULL);
	renews(w, "alice", "a+b", NULL);
	removes(w, "root", "build");
	survived(w, "bob", "gpu", 15);
	advance(w, 1000);
	expect_lines(w, from,
		"{\"seq\":2,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"acquire\","
		"\"names\":[\"a\",\"b\"],\"token\":1,\"owner\":\"alice\",\"uid\":1001,"
		"\"host\":\"box\",\"pid\":1001,\"waited_ms\":0,\"mode\":\"shared\","
		"\"kind\":\"open\",\"ttl_ms\":1000,\"at_ns\":1000000000000,"
		"\"pid_start_ns\":7007}\n"
		"{\"seq\":3,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"acquire\","
		"\"name\":\"gpu\",\"token\":2,\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\","
		"\"pid\":1002,\"waited_ms\":0,\"mode\":\"exclusive\",\"kind\":\"open\","
		"\"bind\":\"pid\",\"slots\":2,\"at_ns\":1000000000000,\"pid_start_ns\":7014}\n"
		"{\"seq\":4,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"acquire\","
		"\"name\":\"build\",\"token\":3,\"owner\":\"ci\",\"uid\":1003,\"host\":\"box\","
		"\"pid\":1003,\"waited_ms\":0,\"mode\":\"exclusive\",\"kind\":\"lease\","
		"\"ttl_ms\":60000,\"at_ns\":3000000000000,\"pid_start_ns\":7021}\n"
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"renew\","
		"\"name\":\"build\",\"token\":3,\"owner\":\"ci\",\"uid\":1003,\"host\":\"box\","
		"\"pid\":1003,\"ttl_ms\":60000,\"at_ns\":3001000000000}\n"
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"renew\","
		"\"names\":[\"a\",\"b\"],\"token\":1,\"owner\":\"alice\",\"uid\":1001,"
		"\"host\":\"box\",\"pid\":1001,\"ttl_ms\":1000,\"at_ns\":1000000000000}\n"
		"{\"seq\":7,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"force-break\","
		"\"name\":\"build\",\"token\":3,\"owner\":\"ci\",\"uid\":1003,\"host\":\"box\","
		"\"pid\":1003,\"held_ms\":1000,\"by_uid\":0,\"by_pid\":1018}\n"
		"{\"seq\":8,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"auto-prune\","
		"\"name\":\"gpu\",\"token\":2,\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\","
		"\"pid\":1002,\"held_ms\":0,\"reason\":\"killed\",\"signal\":15}\n"
		"{\"seq\":9,\"ts\":\"2026-01-28T20:15:14.123Z\",\"event\":\"stale-break\","
		"\"names\":[\"a\",\"b\"],\"token\":1,\"owner\":\"alice\",\"uid\":1001,"
		"\"host\":\"box\",\"pid\":1001,\"held_ms\":1000}\n");
	world_destroy(w);
}

static void denials_that_say_more(void)
{
	struct world *w = world_suspicious();
	size_t from;

	w->settings.limits.user[LIMIT_HOLDS] = 1;
	w->settings.limits.total[LIMIT_READERS] = 0;
	world_configure(w);
	opens(w, "alice", "a");
	opens(w, "bob", "b+c");
	from = w->journal.text.len;
	opens(w, "alice", "d");
	opens(w, "alice", "c+d");
	opens(w, "bob", "a+e");
	reads(w, "carol");
	advance(w, 500);
	expect_lines(w, from,
		"{\"seq\":4,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"deny\","
		"\"name\":\"d\",\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,"
		"\"reason\":\"limit\",\"limit\":\"max_holds\"}\n"
		"{\"seq\":5,\"ts\":\"2026-01-28T20:15:12.123Z\",\"event\":\"deny\","
		"\"owner\":\"carol\",\"uid\":1003,\"host\":\"box\",\"pid\":1003,"
		"\"reason\":\"limit\",\"limit\":\"max_readers\"}\n"
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:12.623Z\",\"event\":\"deny\","
		"\"names\":[\"a\",\"e\"],\"owner\":\"bob\",\"uid\":1002,\"host\":\"box\","
		"\"pid\":1002,\"reason\":\"deadlock\",\"cycle\":[{\"pid\":1002,\"name\":\"a\"},"
		"{\"pid\":1001,\"name\":\"c\"}]}\n");
	world_destroy(w);
}

static void a_checkpoint(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy@ttl=1h");
	advance(w, 100);
	renews(w, "alice", "deploy", NULL);
	freezes(w, "root", "build", "1m");
	opens(w, "bob", "deploy");
	opens(w, "carol", "test");
	world_checkpoint(w);
	expect_lines(w, w->journal.checkpoint,
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:12.223Z\",\"event\":\"checkpoint\",\"uid\":0,"
		"\"host\":\"box\",\"pid\":0,\"next_token\":3,\"token_limit\":1000003,\"holds\":["
		"{\"ts\":\"2026-01-28T20:15:12.123Z\",\"name\":\"deploy\",\"token\":1,\"owner\":"
		"\"alice\",\"uid\":1001,\"pid\":1001,\"mode\":\"exclusive\",\"kind\":\"open\","
		"\"ttl_ms\":3600000,\"at_ns\":1000000000000,\"pid_start_ns\":7007,"
		"\"renewals\":1,\"expires_at\":\"2026-01-28T21:15:12.223Z\",\"until_ns\":"
		"4600100000000},"
		"{\"ts\":\"2026-01-28T20:15:12.223Z\",\"name\":\"test\",\"token\":2,\"owner\":"
		"\"carol\",\"uid\":1003,\"pid\":1003,\"mode\":\"exclusive\",\"kind\":\"open\","
		"\"at_ns\":1000100000000,\"pid_start_ns\":7021}],\"freezes\":["
		"{\"ts\":\"2026-01-28T20:15:12.223Z\",\"name\":\"build\",\"owner\":\"root\","
		"\"uid\":0,\"pid\":1018,\"ttl_ms\":60000,"
		"\"expires_at\":\"2026-01-28T20:16:12.223Z\",\"until_ns\":3060100000000}]}\n");
	world_destroy(w);
}

static void a_checkpoint_of_it_all(void)
{
	struct world *w = world_create();

	opens(w, "alice", "b+a@shared");
	opens(w, "bob", "gpu@slots=2,bind=pid");
	takes(w, "carol", "build@owner=ci", "1m");
	suspended(w, 1000);
	touches(w, "carol", "build@owner=ci", "2m");
	world_checkpoint(w);
	expect_lines(w, w->journal.checkpoint,
		"{\"seq\":6,\"ts\":\"2026-01-28T20:15:13.123Z\",\"event\":\"checkpoint\","
		"\"uid\":0,\"host\":\"box\",\"pid\":0,\"next_token\":4,\"token_limit\":1000004,"
		"\"holds\":[{\"ts\":\"2026-01-28T20:15:12.123Z\",\"names\":[\"a\",\"b\"],"
		"\"token\":1,\"owner\":\"alice\",\"uid\":1001,\"pid\":1001,\"mode\":\"shared\","
		"\"kind\":\"open\",\"at_ns\":1000000000000,\"pid_start_ns\":7007},"
		"{\"ts\":\"2026-01-28T20:15:12.123Z\",\"name\":\"gpu\",\"token\":2,"
		"\"owner\":\"bob\",\"uid\":1002,\"pid\":1002,\"mode\":\"exclusive\","
		"\"kind\":\"open\",\"bind\":\"pid\",\"slots\":2,\"at_ns\":1000000000000,"
		"\"pid_start_ns\":7014},{\"ts\":\"2026-01-28T20:15:12.123Z\","
		"\"name\":\"build\",\"token\":3,\"owner\":\"ci\",\"uid\":1003,\"pid\":1003,"
		"\"mode\":\"exclusive\",\"kind\":\"lease\",\"ttl_ms\":120000,"
		"\"at_ns\":3000000000000,\"pid_start_ns\":7021,\"renewals\":1,"
		"\"expires_at\":\"2026-01-28T20:17:13.123Z\",\"until_ns\":3121000000000}],"
		"\"freezes\":[]}\n");
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"holds: granted, renewed, released, broken", holds},
		{"holds that end by themselves", ends},
		{"denials", denials},
		{"freezes and their ends", freezes_and_their_ends},
		{"the whole language", the_whole_language},
		{"denials that say more", denials_that_say_more},
		{"a checkpoint", a_checkpoint},
		{"a checkpoint of the whole language", a_checkpoint_of_it_all},
	};

	return CHECK_RUN(cases);
}
