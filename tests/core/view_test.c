/* Views: what users read of the engine, byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "story.h"

#define HOLDER                                                                                     \
	"{\"owner\":\"alice\",\"uid\":1001,\"host\":\"box\",\"pid\":1001,\"pid_start_ns\":7007,"   \
	"\"pid_status\":\"alive\",\"kind\":\"open\",\"mode\":\"exclusive\",\"token\":1,"           \
	"\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":41,\"ttl_ms\":null,"              \
	"\"expires_at\":null,\"remaining_ms\":null,\"renewals\":0}"
#define FREEZE                                                                                     \
	"{\"name\":\"build\",\"owner\":\"root\",\"uid\":0,\"pid\":1018,"                           \
	"\"since\":\"2026-01-28T20:15:12.123Z\",\"ttl_ms\":2000,"                                  \
	"\"expires_at\":\"2026-01-28T20:15:14.123Z\",\"remaining_ms\":1959}"

/* A text as a string; to be freed by the caller. */
static char *string_of(struct text *text)
{
	text_add(text, "", 1);
	CHECK(!text->failed);
	return text->data;
}

/* alice holds deploy, bob and dave wait for it, carol's wait is paused; build is frozen. */
static struct world *busy(void)
{
	struct world *w = world_create();

	opens(w, "alice", "deploy");
	opens(w, "carol", "deploy");
	interrupted(w, "carol", "deploy");
	opens(w, "bob", "deploy");
	freezes(w, "root", "build", "2s");
	advance(w, 29);
	opens(w, "dave", "deploy@owner=ci");
	advance(w, 12);
	return w;
}

static void one_name(void)
{
	static const char held[] =
		"{\"version\":1,\"name\":\"deploy\",\"state\":\"held\",\"holder\":" HOLDER
		",\"holders\":[" HOLDER "],\"waiters\":[{\"position\":1,\"owner\":\"bob\",\"uid\":"
		"1002,\"pid\":1002,\"mode\":\"exclusive\",\"waited_ms\":41},{\"position\":2,"
		"\"owner\":\"ci\",\"uid\":1004,\"pid\":1004,\"mode\":\"exclusive\",\"waited_ms\":"
		"12}],\"freeze\":null}";
	static const char frozen[] = "{\"name\":\"build\",\"state\":\"frozen\",\"holder\":null,"
				     "\"holders\":[],\"waiters\":[],\"freeze\":" FREEZE "}";
	static const char unused[] = "{\"name\":\"test\",\"state\":\"free\",\"holder\":null,"
				     "\"holders\":[],\"waiters\":[],\"freeze\":null}";
	struct world *w = busy();
	struct view view = world_view(w, w->engine);
	struct text a = {0}, b = {0}, c = {0};

	view_name(&view, "deploy", true, &a);
	view_name(&view, "build", false, &b);
	view_name(&view, "test", false, &c);
	CHECK_STRING(string_of(&a), held);
	CHECK_STRING(string_of(&b), frozen);
	CHECK_STRING(string_of(&c), unused);
	text_finish(&a);
	text_finish(&b);
	text_finish(&c);
	world_destroy(w);
}

/* A name is held before it is frozen, and its own freeze comes before that of everything. */
static void states(void)
{
	struct world *w = busy();
	struct view view;
	struct text a = {0}, b = {0}, c = {0};

	freezes(w, "root", "@all", "2s");
	freezes(w, "root", "deploy", "2s");
	view = world_view(w, w->engine);
	view_name(&view, "deploy", true, &a);
	CHECK(strstr(string_of(&a), "\"state\":\"held\""));
	CHECK(strstr(a.data, "\"freeze\":{\"name\":\"deploy\""));
	view_name(&view, "test", true, &b);
	CHECK(strstr(string_of(&b), "\"state\":\"frozen\""));
	CHECK(strstr(b.data, "\"freeze\":{\"name\":\"@all\""));
	view_freezes(&view, &c);
	CHECK(strstr(string_of(&c), "},{\"name\":\"@all\"") && c.data[0] == '{');
	text_finish(&a);
	text_finish(&b);
	text_finish(&c);
	world_destroy(w);
}

static void all_names(void)
{
	struct world *w = busy();
	struct text used = {0}, frozen = {0}, locks = {0};
	struct view view = world_view(w, w->engine);

	opens(w, "erin", "lost@ttl=1s");
	breaks(w, "root", "lost", 2);
	opens(w, "erin", "a");
	freezes(w, "root", "@all", "2s");
	view_names(w->engine, LISTING_USED, &used);
	view_names(w->engine, LISTING_FROZEN, &frozen);
	CHECK(used.len == 15 && memcmp(used.data, "a\0build\0deploy", 15) == 0);
	CHECK(frozen.len == 11 && memcmp(frozen.data, "@all\0build", 11) == 0);
	view_locks(&view, &locks);
	CHECK(!strstr(string_of(&locks), "lost") && strstr(locks.data, "},{\"name\":\"build\""));
	text_finish(&used);
	text_finish(&frozen);
	text_finish(&locks);
	world_destroy(w);
}

static void owners(void)
{
	struct world *w = busy();
	uint32_t uid = 0;
	int64_t ms = 0;

	CHECK(view_owner(w->engine, "deploy", &uid, &ms) && uid == 1001);
	CHECK_EQUAL(ms, w->start.wall_ms);
	CHECK(view_owner(w->engine, "build", &uid, &ms) && uid == 0);
	CHECK(view_freeze_owner(w->engine, "build", &uid, &ms));
	CHECK(!view_freeze_owner(w->engine, "deploy", &uid, &ms));
	CHECK(!view_owner(w->engine, "test", &uid, &ms));
	CHECK(!view_freeze_owner(w->engine, "@all", &uid, &ms));
	world_destroy(w);
}

static const char *const metrics_lines[] = {"\nlokt_names 2\n", "\nlokt_holders 1\n",
	"\nlokt_leases 0\n", "\nlokt_readers 0\n", "\nlokt_denials_total{reason=\"deadlock\"} 0\n",
	"\nlokt_denials_total{reason=\"limit\"} 0\n", "\nlokt_waiters 3\n", "\nlokt_freezes 1\n",
	"\nlokt_grants_total 1\n", "\nlokt_releases_total 0\n", "\nlokt_renewals_total 1\n",
	"\nlokt_expired_total 0\n", "\nlokt_pruned_total 0\n", "\nlokt_broken_total 0\n",
	"\nlokt_freezes_total 1\n", "\nlokt_denials_total{reason=\"held\"} 0\n",
	"\nlokt_denials_total{reason=\"timeout\"} 0\n",
	"\nlokt_denials_total{reason=\"frozen\"} 1\n",
	"\nlokt_denials_total{reason=\"permission\"} 0\n",
	"\nlokt_denials_total{reason=\"cancelled\"} 0\n", "# TYPE lokt_names gauge\nlokt_names ",
	"# TYPE lokt_grants_total counter\nlokt_grants_total "};

static void numbers(void)
{
	struct world *w = busy();
	struct view view = world_view(w, w->engine);
	struct text totals = {0}, metrics = {0};

	opens(w, "erin", "build");
	renews(w, "alice", "deploy", "1s");
	view_totals(&view, &totals);
	CHECK_STRING(string_of(&totals),
		"{\"names\":2,\"holders\":1,\"leases\":0,\"waiters\":3,\"freezes\":1,\"grants\":1,"
		"\"releases\":"
		"0,"
		"\"renewals\":1,\"expired\":0,\"pruned\":0,\"broken\":0,\"denials\":1}");
	view_metrics(&view, &metrics);
	string_of(&metrics);
	for (size_t i = 0; i < sizeof(metrics_lines) / sizeof(metrics_lines[0]); i++)
		if (!strstr(metrics.data, metrics_lines[i]))
			check_fail(__FILE__, __LINE__, "no %s", metrics_lines[i]);
	CHECK(!strstr(metrics.data, "reason=\"killed\""));
	text_finish(&totals);
	text_finish(&metrics);
	world_destroy(w);
}

/* What the holder's descriptor reads; who waits or has gone reads nothing. */
static void one_hold(void)
{
	struct world *w = busy();
	struct view view = world_view(w, w->engine);
	struct text text = {0};

	CHECK(view_hold(&view, 1, &text));
	CHECK_STRING(string_of(&text),
		"{\"name\":\"deploy\",\"token\":1,\"mode\":\"exclusive\",\"owner\":\"alice\","
		"\"uid\":1001,\"pid\":1001,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"ttl_ms\":null,\"expires_at\":null,\"state\":\"held\"}\n");
	for (uint64_t id = 2; id < 9; id++)
		CHECK(!view_hold(&view, id, &text));
	text_finish(&text);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"one name: held, frozen or unused", one_name},
		{"held comes before frozen, a name's freeze before that of all", states},
		{"the names that are used, and those that are frozen", all_names},
		{"owners and times for ls", owners},
		{"totals and metrics", numbers},
		{"what a descriptor reads", one_hold},
	};

	return CHECK_RUN(cases);
}
