/* The table of specs: what a stranger may write under locks/, and what not.
 *
 * "`<spec>` is `<name>[+<name>…][@<option>[,<option>…]]`, at most 255 bytes. Anything else:
 * `EINVAL`, or `ENAMETOOLONG` past a length." */
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
	{"a@shared", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .mode = MODE_SHARED}},
	{"a@slots=1", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .slots = 1}},
	{"a@slots=4294967295", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .slots = UINT32_MAX}},
	{"a@bind=fd", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE}},
	{"a@bind=pid", {.ttl_ms = TIME_NONE, .timeout_ms = TIME_NONE, .bind = BIND_PID}},
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
		CHECK_EQUAL(spec.mode, expected->mode);
		CHECK_EQUAL(spec.slots, expected->slots ? expected->slots : 1);
		CHECK_EQUAL(spec.bind, expected->bind);
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
	"a b@try", "a/b@try", "a\n@try", "a+a", "a+b+a", "+a", "a+", "a++b", "+", "a+-b", "a+.b",
	"a+b c", "a@shared,slots=2", "a@slots=2,shared", "a@shared=1", "a@shared,shared", "a@slots",
	"a@slots=", "a@slots=0", "a@slots=01", "a@slots=-1", "a@slots=x", "a@slots=2x",
	"a@slots=4294967296", "a@slots=2,slots=2", "a@bind", "a@bind=", "a@bind=pids",
	"a@bind=pid,bind=fd"};

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

static void groups(void)
{
	struct spec spec;

	CHECK(parse("b+a@try", 7, &spec) == OK);
	CHECK_STRING(spec.names, "a+b");
	CHECK(parse("c+a+b", 5, &spec) == OK);
	CHECK_STRING(spec.names, "a+b+c");
	CHECK(parse("a10+a1+a", 8, &spec) == OK);
	CHECK_STRING(spec.names, "a+a1+a10");
	CHECK(parse(X128 "+" X64, 193, &spec) == OK);
	CHECK(parse(X64 "+" X128 "x", 194, &spec) == ERR_TOO_LONG);
}

static void leases(void)
{
	struct spec spec;

	CHECK(lease_parse("build", 5, &spec) == OK);
	CHECK_STRING(spec.names, "build");
	CHECK(lease_parse("build@owner=stage-2", 19, &spec) == OK);
	CHECK_STRING(spec.owner, "stage-2");
	CHECK(lease_parse("a+b", 3, &spec) == ERR_INVALID);
	CHECK(lease_parse("a@ttl=1s", 8, &spec) == ERR_INVALID);
	CHECK(lease_parse("a@try", 5, &spec) == ERR_INVALID);
	CHECK(lease_parse("a@shared", 8, &spec) == ERR_INVALID);
	CHECK(lease_parse("a@token=1", 9, &spec) == ERR_INVALID);
	CHECK(lease_parse("a@owner=a,owner=a", 17, &spec) == ERR_INVALID);
}

/* What a log says are names, before it is believed. */
static void names_from_elsewhere(void)
{
	char name[NAME_MAX_LEN + 1], text[SPEC_MAX + 2];
	const char *names = X128 "+b", *too_long = X128 "x+b", *none_left = "";

	CHECK(names_next(&names, name) && names_next(&names, name));
	CHECK_STRING(name, "b");
	CHECK(!names_next(&names, name) && !names_next(&none_left, name));
	CHECK(!names_next(&too_long, name));
	memset(text, 'x', sizeof(text));
	text[126] = '+';
	text[127] = 'y';
	text[SPEC_MAX] = '\0';
	CHECK(names_ok(text));
	text[SPEC_MAX] = 'x';
	text[SPEC_MAX + 1] = '\0';
	CHECK(!names_ok(text));
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
		CHECK(names_ok(spec.names));
		CHECK(strlen(spec.owner) <= OWNER_MAX && spec.ttl_ms != 0);
		CHECK(strlen(text) <= SPEC_MAX && spec.slots >= 1);
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
		{"groups", groups},
		{"leases", leases},
		{"names from elsewhere", names_from_elsewhere},
		{"random pieces", random_text},
	};

	return CHECK_RUN(cases);
}
