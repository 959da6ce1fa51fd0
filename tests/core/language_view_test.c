/* Views of groups, shared holds, slots and leases, byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "story.h"

/* alice has a and b, bob and carol share data, dave has one of two slots, erin a lease. */
static struct world *fluent(void)
{
	struct world *w = world_create();

	opens(w, "alice", "b+a@ttl=1m");
	opens(w, "bob", "data@shared");
	opens(w, "carol", "data@shared,bind=pid");
	opens(w, "dave", "gpu@slots=2");
	takes(w, "erin", "build@owner=ci", "10m");
	opens(w, "bob", "build+gpu@slots=1,try"); /* gpu has two slots: refused */
	opens(w, "frank", "c+a");
	opens(w, "grace", "data");
	opens(w, "heidi", "data@shared");
	advance(w, 5000);
	suspended(w, 10000);
	touches(w, "erin", "build@owner=ci", "20m");
	suspended(w, 1000);
	return w;
}

/* Checks what one view says. */
static void check_text(struct text *text, const char *expected)
{
	text_add(text, "", 1);
	CHECK(!text->failed);
	CHECK_STRING(text->data, expected);
	text_finish(text);
	*text = (struct text){0};
}

static void check_name(const struct world *w, const char *name, const char *expected)
{
	const struct view view = world_view(w, w->engine);
	struct text text = {0};

	view_name(&view, name, false, &text);
	check_text(&text, expected);
}

#define HOLDER(owner, uid, pid, start)                                                             \
	"{\"owner\":\"" owner "\",\"uid\":" uid ",\"host\":\"box\",\"pid\":" pid                   \
	",\"pid_start_ns\":" start ",\"pid_status\":\"alive\","

/* The lock of b shows it, and who waits for a waits for it under c too. */
static void a_group(void)
{
#define GROUP                                                                                      \
	HOLDER("alice", "1001", "1001", "7007")                                                    \
	"\"kind\":\"open\",\"mode\":\"exclusive\",\"token\":1,"                                    \
	"\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":5000,\"ttl_ms\":60000,"           \
	"\"expires_at\":\"2026-01-28T20:16:23.123Z\",\"remaining_ms\":55000,\"renewals\":0,"       \
	"\"names\":[\"a\",\"b\"]}"
#define WAITER                                                                                     \
	"{\"position\":1,\"owner\":\"frank\",\"uid\":1006,\"pid\":1006,\"mode\":\"exclusive\","    \
	"\"waited_ms\":5000,\"names\":[\"a\",\"c\"]}"
	struct world *w = fluent();

	check_name(w, "a",
		"{\"name\":\"a\",\"state\":\"held\",\"holder\":" GROUP ",\"holders\":[" GROUP
		"],\"waiters\":[" WAITER "],\"freeze\":null}");
	check_name(w, "b",
		"{\"name\":\"b\",\"state\":\"held\",\"holder\":" GROUP ",\"holders\":[" GROUP
		"],\"waiters\":[],\"freeze\":null}");
	check_name(w, "c",
		"{\"name\":\"c\",\"state\":\"free\",\"holder\":null,\"holders\":[],"
		"\"waiters\":[" WAITER "],\"freeze\":null}");
	world_destroy(w);
}

/* Who came first is `holder`. */
static void those_who_share(void)
{
#define SHARED(owner, uid, pid, start, token)                                                      \
	HOLDER(owner, uid, pid, start)                                                             \
	"\"kind\":\"open\",\"mode\":\"shared\",\"token\":" token                                   \
	",\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":5000,\"ttl_ms\":null,"           \
	"\"expires_at\":null,\"remaining_ms\":null,\"renewals\":0}"
#define BOB SHARED("bob", "1002", "1002", "7014", "2")
#define CAROL SHARED("carol", "1003", "1003", "7021", "3")
	struct world *w = fluent();

	check_name(w, "data",
		"{\"name\":\"data\",\"state\":\"held\",\"holder\":" BOB ",\"holders\":[" BOB
		"," CAROL "],\"waiters\":[{\"position\":1,\"owner\":\"grace\",\"uid\":1007,"
		"\"pid\":1007,\"mode\":\"exclusive\",\"waited_ms\":5000},{\"position\":2,"
		"\"owner\":\"heidi\",\"uid\":1008,\"pid\":1008,\"mode\":\"shared\","
		"\"waited_ms\":5000}],\"freeze\":null}");
	world_destroy(w);
}

static void slots(void)
{
#define DAVE                                                                                       \
	HOLDER("dave", "1004", "1004", "7028")                                                     \
	"\"kind\":\"open\",\"mode\":\"exclusive\",\"token\":4,"                                    \
	"\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":5000,\"ttl_ms\":null,"            \
	"\"expires_at\":null,\"remaining_ms\":null,\"renewals\":0,\"slots\":2}"
	struct world *w = fluent();

	check_name(w, "gpu",
		"{\"name\":\"gpu\",\"state\":\"held\",\"holder\":" DAVE ",\"holders\":[" DAVE
		"],\"waiters\":[],\"freeze\":null}");
	world_destroy(w);
}

/* Its times are those of CLOCK_BOOTTIME, its age goes by the wall. */
static void a_lease(void)
{
#define LEASE                                                                                      \
	HOLDER("ci", "1005", "1005", "7035")                                                       \
	"\"kind\":\"lease\",\"mode\":\"exclusive\",\"token\":5,"                                   \
	"\"acquired_ts\":\"2026-01-28T20:15:12.123Z\",\"age_ms\":16000,\"ttl_ms\":1200000,"        \
	"\"expires_at\":\"2026-01-28T20:35:27.123Z\",\"remaining_ms\":1199000,\"renewals\":1}"
	struct world *w = fluent();
	const struct view view = world_view(w, w->engine);
	struct text text = {0};

	check_name(w, "build",
		"{\"name\":\"build\",\"state\":\"held\",\"holder\":" LEASE ",\"holders\":[" LEASE
		"],\"waiters\":[],\"freeze\":null}");
	CHECK(view_lease(&view, "build", &text));
	check_text(&text,
		"{\"name\":\"build\",\"token\":5,\"mode\":\"exclusive\",\"owner\":\"ci\","
		"\"uid\":1005,\"pid\":1005,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"ttl_ms\":1200000,\"expires_at\":\"2026-01-28T20:35:27.123Z\","
		"\"state\":\"held\"}\n");
	CHECK(!view_lease(&view, "a", &text) && !view_lease(&view, "data", &text));
	CHECK(!view_lease(&view, "c", &text) && !view_lease(&view, "unused", &text));
	CHECK_EQUAL(text.len, 0);
	world_destroy(w);
}

/* What a descriptor of a group reads, and one of a shared hold. */
static void descriptors(void)
{
	struct world *w = fluent();
	const struct view view = world_view(w, w->engine);
	struct text text = {0};

	CHECK(view_hold(&view, 1, &text));
	check_text(&text,
		"{\"names\":[\"a\",\"b\"],\"token\":1,\"mode\":\"exclusive\",\"owner\":\"alice\","
		"\"uid\":1001,\"pid\":1001,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"ttl_ms\":60000,\"expires_at\":\"2026-01-28T20:16:23.123Z\","
		"\"state\":\"held\"}\n");
	CHECK(view_hold(&view, 2, &text));
	check_text(&text,
		"{\"name\":\"data\",\"token\":2,\"mode\":\"shared\",\"owner\":\"bob\","
		"\"uid\":1002,\"pid\":1002,\"acquired_ts\":\"2026-01-28T20:15:12.123Z\","
		"\"ttl_ms\":null,\"expires_at\":null,\"state\":\"held\"}\n");
	world_destroy(w);
}

static void check_names(const struct world *w, enum listing listing, const char *names, size_t len)
{
	struct text text = {0};

	view_names(w->engine, listing, &text);
	CHECK_EQUAL(text.len, len);
	CHECK(len == 0 || memcmp(text.data, names, len) == 0);
	text_finish(&text);
}

static void listings(void)
{
	struct world *w = fluent();

	check_names(w, LISTING_USED, "a\0b\0build\0c\0data\0gpu", 21);
	check_names(w, LISTING_LEASED, "build", 6);
	check_names(w, LISTING_FROZEN, "", 0);
	freezes(w, "root", "a", "1m");
	takes(w, "erin", "zone", "1m");
	check_names(w, LISTING_LEASED, "build\0zone", 11);
	check_names(w, LISTING_FROZEN, "a", 2);
	removes(w, "erin", "build@owner=ci");
	check_names(w, LISTING_LEASED, "zone", 5);
	world_destroy(w);
}

/* Who `ls -l` shows: of a group whoever holds one of its names. */
static void owners(void)
{
	struct world *w = fluent();
	uint32_t uid = 0;
	int64_t ms = 0;

	CHECK(view_owner(w->engine, "b", &uid, &ms) && uid == 1001);
	CHECK(view_owner(w->engine, "c+gpu", &uid, &ms) && uid == 1004);
	CHECK(view_owner(w->engine, "build", &uid, &ms) && uid == 1005);
	CHECK_EQUAL(ms, w->start.wall_ms);
	freezes(w, "ops", "z", "1m");
	CHECK(view_owner(w->engine, "a+z", &uid, &ms) && uid == 1001);
	CHECK(view_owner(w->engine, "c+z", &uid, &ms) && uid == 1015);
	CHECK(!view_owner(w->engine, "c", &uid, &ms) && !view_owner(w->engine, "c+y", &uid, &ms));
	world_destroy(w);
}

/* A group counts once, and so do those who share. */
static void totals(void)
{
	struct world *w = fluent();
	const struct totals totals = engine_totals(w->engine);

	CHECK_EQUAL(totals.names, 6);
	CHECK_EQUAL(totals.holders, 5);
	CHECK_EQUAL(totals.leases, 1);
	CHECK_EQUAL(totals.waiters, 3);
	reads(w, "alice");
	CHECK_EQUAL(engine_totals(w->engine).readers, 1);
	CHECK_EQUAL(engine_granted_ns(w->engine, 1), w->now.boot_ns - 5000000000);
	CHECK_EQUAL(engine_granted_ns(w->engine, 7), 0);
	CHECK_EQUAL(engine_granted_ns(w->engine, 99), 0);
	CHECK_EQUAL(engine_process(w->engine, 1).pid, 1001);
	CHECK_EQUAL(engine_process(w->engine, 99).pid, 0);
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a group stands in the status of each of its names", a_group},
		{"those who share, the first first", those_who_share},
		{"slots", slots},
		{"a lease", a_lease},
		{"what descriptors read", descriptors},
		{"what is listed", listings},
		{"owners and times for ls", owners},
		{"totals", totals},
	};

	return CHECK_RUN(cases);
}
