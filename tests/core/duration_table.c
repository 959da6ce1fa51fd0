/* The table of durations: what is one, how long it is, and what is none.
 *
 * "`DUR` is `500ms`, `2s`, `10m`, `1h`, `1h30m`, or a bare number of seconds; 0 only where stated;
 * at most 30 days." */
#include <string.h>

#include "check.h"
#include "core/duration.h"
#include "core/err.h"

#define H 3600000ULL
#define M 60000ULL

static const struct {
	const char *text;
	uint64_t ms;
} valid[] = {
	{"500ms", 500},
	{"2s", 2000},
	{"10m", 10 * M},
	{"1h", H},
	{"1h30m", H + 30 * M},
	{"15", 15000},
	{"0", 0},
	{"0ms", 0},
	{"0h0m0s0ms", 0},
	{"1", 1000},
	{"007", 7000},
	{"1ms", 1},
	{"1m1ms", M + 1},
	{"1h1m1s1ms", H + M + 1001},
	{"1h1ms", H + 1},
	{"90s", 90000},
	{"90m", 90 * M},
	{"59m60s", H},
	{"720h", DURATION_MAX_MS},
	{"719h60m", DURATION_MAX_MS},
	{"719h59m59s1000ms", DURATION_MAX_MS},
	{"2592000", DURATION_MAX_MS},
	{"2592000s", DURATION_MAX_MS},
	{"2592000000ms", DURATION_MAX_MS},
	{"43200m", DURATION_MAX_MS},
	{"0000000000000000000000000000000000000001s", 1000},
};

static const char *const invalid[] = {"", " ", "s", "ms", "h", "-1", "-1s", "+1s", "1.5s", "1,5s",
	"1 s", " 1s", "1s ", "1S", "1MS", "1H", "1d", "1w", "1us", "1ns", "1min", "1hour", "1e3",
	"0x10", "10s5", "1h30", "1m30", "1s1s", "1s1m", "30m1h", "1ms1s", "1h1h", "s1", "1ss",
	"1sm", "1msms", "1hm", "none", "infinity", "never", "1h-1m", "1\n", "1s\n", "\n", "1\t",
	"720h1ms", "720h1s", "719h61m", "721h", "2592001", "2592001s", "2592000001ms", "43201m",
	"719h59m59s1001ms", "2592000h", "999999999999", "18446744073709551615",
	"18446744073709551616", "18446744073709551617s", "4294967296h", "5124095576030431h",
	"99999999999999999999999999999999999999999999999999", "\xd9\xa1s", "1\xc2\xb5s",
	"\xef\xbc\x91s", "1\xff"};

static void each_is_as_long_as_it_says(void)
{
	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		uint64_t ms = 42;

		if (duration_parse(valid[i].text, strlen(valid[i].text), &ms) != OK)
			check_fail(__FILE__, __LINE__, "'%s' is refused", valid[i].text);
		if (ms != valid[i].ms)
			check_fail(__FILE__, __LINE__, "'%s' is %llu", valid[i].text,
				(unsigned long long)ms);
	}
}

static void others_are_refused(void)
{
	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
		uint64_t ms = 42;
		int err = duration_parse(invalid[i], strlen(invalid[i]), &ms);

		if (err != ERR_INVALID || ms != 42)
			check_fail(__FILE__, __LINE__, "'%s' gives %d", invalid[i], err);
	}
}

static void bytes_that_no_string_has(void)
{
	static const char nul[] = "1s\0", inside[] = "1\0s", before[] = "\0001s";
	uint64_t ms;

	CHECK(duration_parse(nul, sizeof(nul), &ms) == ERR_INVALID);
	CHECK(duration_parse(inside, sizeof(inside) - 1, &ms) == ERR_INVALID);
	CHECK(duration_parse(before, sizeof(before) - 1, &ms) == ERR_INVALID);
	CHECK(duration_parse("1s", 1, &ms) == OK && ms == 1000);
	CHECK(duration_parse("1ms", 2, &ms) == OK && ms == 60000);
	CHECK(duration_parse("5", 0, &ms) == ERR_INVALID);
}

/* Anything made of the bytes that durations are made of: if it is taken, it is in range. */
static void random_text(void)
{
	uint64_t seed = 1;

	for (int i = 0; i < 300000; i++) {
		char text[12];
		size_t len = check_random(&seed) % sizeof(text);
		uint64_t ms = 0;

		for (size_t j = 0; j < len; j++)
			text[j] = "0123456789hms"[check_random(&seed) % 13];
		if (duration_parse(text, len, &ms) == OK)
			CHECK(ms <= DURATION_MAX_MS && len > 0);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"each duration is as long as it says", each_is_as_long_as_it_says},
		{"anything else is refused", others_are_refused},
		{"the length counts, and no NUL", bytes_that_no_string_has},
		{"random text is refused or in range", random_text},
	};

	return CHECK_RUN(cases);
}
