/* The table of specs: what a stranger may write under locks/, and what not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/err.h"
#include "core/spec.h"

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define X128 X64 X64

static const struct spec_defaults none = {TIME_NONE, TIME_NONE};
static const struct spec_defaults some = {60000, 5000};

/* Reads a spec from a copy that ends where it ends, so that a sanitizer sees one byte too many. */
static int parse(const char *text, size_t len, struct spec *spec)
{
	char *copy = malloc(len ? len : 1);
	int err;

	CHECK(copy);
	memcpy(copy, text, len);
	memset(spec, 0x5a, sizeof(*spec));
	err = spec_parse(copy, len, &none, spec);
	free(copy);
	return err;
}

static const struct {
	const char *text;
	struct spec spec;
} options[] = {
	{"a", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@ttl=2s", {.ttl_ms = 2000, .timeout_ms = TIME_NONE}},
	{"a@ttl=720h", {.ttl_ms = 2592000000, .timeout_ms = TIME_NONE}},
	{"a@ttl=none", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@timeout=1h30m", {.ttl_ms = TIME_NONE, .timeout_ms = 5400000}},
	{"a@timeout=none", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@timeout=0", {.ttl_ms = TIME_NONE, .timeout_ms = 0}},
	{"a@try", {.ttl_ms = TIME_NONE, .timeout_ms = 0}},
	{"a@owner=ci:42", {"", "ci:42", .ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@owner=-.-:_", {"", "-.-:_", .ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@owner=" X64, {"", X64, .ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@frozen=wait", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .frozen_wait = true}},
	{"a@token=1", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .token = 1}},
	{"a@token=9223372036854775807",
		{.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .token = INT64_MAX}},
	{"a@frozen=wait,owner=o,try,ttl=1",
		{"", "o", .ttl_ms = 1000, .timeout_ms = 0, .frozen_wait = true}},
};

static void each_option_is_read(void)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct spec *expected = &options[i].spec;
		struct spec spec;

		if (parse(options[i].text, strlen(options[i].text), &spec) != OK)
			check_fail(__FILE__, __LINE__, "'%s' is refused", options[i].text);
		CHECK_STRING(spec.names, "a");
		CHECK_STRING(spec.owner, expected->owner);
		CHECK_EQUAL(spec.ttl_ms, expected->ttl_ms);
		CHECK_EQUAL(spec.timeout_ms, expected->timeout_ms);
		CHECK_EQUAL(spec.token, expected->token);
		CHECK_EQUAL(spec.frozen_wait, expected->frozen_wait);
		CHECK(spec.mode == MODE_EXCLUSIVE && spec.slots == 1);
	}
}

static const char *const nonsense[] = {"", "@", "@try", "@ttl=1s", "a@", "a@@", "a@@try", "a@try@",
	"a@,", "a@,try", "a@try,", "a@try,,ttl=1s", "a@ttl=1s,,", "a@ttl", "a@ttl=", "a@ttl=0",
	"a@ttl=0ms", "a@ttl=-1", "a@ttl=1.5", "a@ttl=720h1ms", "a@ttl=18446744073709551615",
	"a@ttl=None", "a@ttl=none ", "a@ttl=1s ", "a@ttl =1s", "a@ ttl=1s", "a@ttl==1s",
	"a@ttl=1s=", "a@TTL=1s", "a@ttl=1s,ttl=1s", "a@ttl=none,ttl=none", "a@ttl=1s,ttl=none",
	"a@timeout", "a@timeout=", "a@timeout=1s,timeout=1s", "a@try,try", "a@try,timeout=1s",
	"a@timeout=1s,try", "a@timeout=none,try", "a@try=", "a@try=1", "a@try=true", "a@Try",
	"a@owner", "a@owner=", "a@owner=a b", "a@owner=a/b", "a@owner=a+b", "a@owner=a@b",
	"a@owner=\x1b[0m", "a@owner=a\"", "a@owner=caf\xc3\xa9", "a@owner=a,owner=a", "a@owner=a=b",
	"a@frozen", "a@frozen=", "a@frozen=fail", "a@frozen=waits", "a@frozen=wai",
	"a@frozen=wait,frozen=wait", "a@unknown", "a@unknown=1", "a@t", "a@tr", "a@tryy",
	"a@ttl2=1s", "a@=", "a@=1", "a@token", "a@token=", "a@token=0", "a@token=00", "a@token=01",
	"a@token=-1", "a@token=+1", "a@token=1x", "a@token=x", "a@token=0x1", "a@token=1,token=1",
	"a@token=1,try", "a@try,token=1", "a@ttl=1s,token=1", "a@token=1,ttl=1s",
	"a@token=18446744073709551616", "a@token=99999999999999999999", "-a@try", ".a@try",
	"a b@try", "a/b@try", "a\n@try",
	/* of the contract, and not yet of this daemon */
	"a+b", "a+b@try", "a+a", "+a", "a+", "a@shared", "a@slots=2", "a@slots=1", "a@bind=pid",
	"a@bind=fd", "a@shared,slots=2"};

static void nonsense_is_refused(void)
{
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct spec spec;
		int err = parse(nonsense[i], strlen(nonsense[i]), &spec);

		if (err != ERR_INVALID)
			check_fail(__FILE__, __LINE__, "'%s' gives %d", nonsense[i], err);
	}
}

static void lengths(void)
{
	char text[SPEC_MAX + 2];
	struct spec spec;

	CHECK(parse(X128 "@try", 132, &spec) == OK);
	CHECK(parse(X128 "x@try", 133, &spec) == ERR_TOO_LONG);
	CHECK(parse("a@owner=" X64 "x", 73, &spec) == ERR_TOO_LONG);
	CHECK(parse("a@owner=" X64 "/", 73, &spec) == ERR_INVALID);

	/* A whole spec of 255 bytes, and of one more: filled up with zeros before a number. */
	memset(text, '0', sizeof(text));
	memcpy(text, X128 "@owner=" X64 ",try,ttl=", 208);
	text[SPEC_MAX - 1] = '7';
	CHECK(parse(text, SPEC_MAX, &spec) == OK);
	CHECK_EQUAL(spec.ttl_ms, 7000);
	CHECK_STRING(spec.names, X128);
	CHECK_STRING(spec.owner, X64);
	text[SPEC_MAX] = 's';
	CHECK(parse(text, SPEC_MAX + 1, &spec) == ERR_TOO_LONG);
}

static void bytes_that_no_string_has(void)
{
	struct spec spec;

	CHECK(parse("a\0", 2, &spec) == ERR_INVALID);
	CHECK(parse("a@try\0", 6, &spec) == ERR_INVALID);
	CHECK(parse("a@\0try", 6, &spec) == ERR_INVALID);
	CHECK(parse("a@owner=x\0y", 11, &spec) == ERR_INVALID);
	CHECK(parse("a@ttl=1s\0", 9, &spec) == ERR_INVALID);
	CHECK(parse("a@try,", 5, &spec) == OK);
}

static void defaults(void)
{
	struct spec spec;

	CHECK(spec_parse("a", 1, &some, &spec) == OK);
	CHECK(spec.ttl_ms == 60000 && spec.timeout_ms == 5000);
	CHECK(spec_parse("a@ttl=none,timeout=none", 23, &some, &spec) == OK);
	CHECK(spec.ttl_ms == TIME_NONE && spec.timeout_ms == TIME_NONE);
	CHECK(spec_parse("a@ttl=1,try", 11, &some, &spec) == OK);
	CHECK(spec.ttl_ms == 1000 && spec.timeout_ms == 0);
}

static void sameness(void)
{
	static const char *const others[] = {"b@ttl=9s,owner=o", "a@ttl=8s,owner=o", "a@owner=o",
		"a@ttl=9s,owner=p", "a@ttl=9s", "a@ttl=9s,owner=o,try",
		"a@ttl=9s,owner=o,frozen=wait"};
	struct spec a, b;

	CHECK(parse("a@ttl=9s,owner=o", 16, &a) == OK);
	CHECK(parse("a@timeout=none,owner=o,ttl=9000ms", 33, &b) == OK);
	CHECK(spec_same(&a, &b));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(parse(others[i], strlen(others[i]), &b) == OK);
		CHECK(!spec_same(&a, &b));
	}
}

/* Pieces of specs in any order: no crash, and what is taken says only what it may. */
static void random_text(void)
{
	static const char *const pieces[] = {"a", "@", ",", "=", "try", "ttl", "ttl=", "1s", "none",
		"timeout=", "owner=", "x:y", "frozen=wait", "token=", "12", "+", ".", "-", " ",
		"\x80", X64, "shared", "slots=2"};
	uint64_t seed = 2;

	for (int i = 0; i < 200000; i++) {
		char text[400] = "";
		struct spec spec;

		for (int n = (int)(check_random(&seed) % 6); n >= 0; n--)
			strcat(text, pieces[check_random(&seed) % 23]);
		if (parse(text, strlen(text), &spec) != OK)
			continue;
		CHECK(name_check(spec.names, strlen(spec.names)) == OK);
		CHECK(strlen(spec.owner) <= OWNER_MAX && spec.ttl_ms != 0);
		CHECK(strlen(text) <= SPEC_MAX && spec.slots == 1);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"each option is read", each_option_is_read},
		{"nonsense is refused", nonsense_is_refused},
		{"lengths, one less and one more", lengths},
		{"the length counts, and no NUL", bytes_that_no_string_has},
		{"the mount's defaults", defaults},
		{"the same spec in other words", sameness},
		{"random pieces", random_text},
	};

	return CHECK_RUN(cases);
}
