/* Specs: what is accepted keeps the contract's rules, and says the same when it is written anew. */
#include <string.h>

#include "core/duration.h"
#include "core/err.h"
#include "core/spec.h"
#include "fuzz.h"

#define TOKENS_MOST 9999999999999999999ULL /* nineteen digits */

/* The names are names, sorted, each once. */
static void names_check(const char *names)
{
	char last[NAME_MAX_LEN + 1] = "", name[NAME_MAX_LEN + 1];
	const char *rest = names;

	CHECK(names_ok(names));
	while (names_next(&rest, name)) {
		CHECK(name_check(name, strlen(name)) == OK);
		CHECK(strcmp(last, name) < 0);
		strcpy(last, name);
	}
	CHECK(*rest == '\0' && last[0]);
}

static void spec_check(const struct spec *spec)
{
	names_check(spec->names);
	CHECK(strspn(spec->owner,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-") ==
		strlen(spec->owner));
	CHECK(strlen(spec->owner) <= OWNER_MAX);
	CHECK(spec->ttl_ms == TIME_NONE || (spec->ttl_ms > 0 && spec->ttl_ms <= DURATION_MAX_MS));
	CHECK(spec->timeout_ms == TIME_NONE || spec->timeout_ms <= DURATION_MAX_MS);
	CHECK(spec->slots >= 1 && (spec->slots == 1 || spec->mode == MODE_EXCLUSIVE));
	CHECK(spec->token <= TOKENS_MOST);
}

/* Writes `,word=VALUE`, or `@word=VALUE` as the first. */
static char *option_write(char *at, bool *first, const char *word, const char *value)
{
	at += sprintf(at, "%c%s%s", *first ? '@' : ',', word, value);
	*first = false;
	return at;
}

static char *time_write(char *at, bool *first, const char *word, uint64_t ms)
{
	char value[32] = "none";

	if (ms != TIME_NONE)
		sprintf(value, "%llums", (unsigned long long)ms);
	return option_write(at, first, word, value);
}

/* The longest way to say a spec: the names backwards, and every option that has a value. */
static size_t spec_write(const struct spec *spec, char *text)
{
	char name[NAME_MAX_LEN + 1], value[32], names[SPEC_MAX + 2] = "";
	const char *rest = spec->names;
	bool first = true;
	char *at = text;

	while (names_next(&rest, name)) {
		char before[SPEC_MAX + 2];

		strcpy(before, names);
		sprintf(names, "%s%s%s", name, *before ? "+" : "", before);
	}
	at += sprintf(at, "%s", names);
	if (spec->token) {
		sprintf(value, "%llu", (unsigned long long)spec->token);
		return (size_t)(option_write(at, &first, "token=", value) - text);
	}
	at = time_write(at, &first, "ttl=", spec->ttl_ms);
	at = time_write(at, &first, "timeout=", spec->timeout_ms);
	sprintf(value, "%u", spec->slots);
	at = option_write(at, &first, spec->mode == MODE_SHARED ? "shared" : "slots=",
		spec->mode == MODE_SHARED ? "" : value);
	if (spec->owner[0])
		at = option_write(at, &first, "owner=", spec->owner);
	if (spec->frozen_wait)
		at = option_write(at, &first, "frozen=", "wait");
	at = option_write(at, &first, "bind=", spec->bind == BIND_PID ? "pid" : "fd");
	return (size_t)(at - text);
}

static void same_check(const struct spec *a, const struct spec *b)
{
	CHECK(strcmp(a->names, b->names) == 0 && strcmp(a->owner, b->owner) == 0);
	CHECK(a->mode == b->mode && a->slots == b->slots && a->bind == b->bind);
	CHECK(a->token == b->token && a->frozen_wait == b->frozen_wait);
	CHECK(a->token || (a->ttl_ms == b->ttl_ms && a->timeout_ms == b->timeout_ms));
}

/* What every spec and every lease's name are: names of the right bytes, no NUL, not too long. */
static void accepted_check(const char *text, size_t len, const struct spec *spec)
{
	static const struct spec_defaults others = {7, 9};
	char again[1024];
	struct spec read;
	size_t again_len;

	CHECK(len <= SPEC_MAX && !memchr(text, '\0', len));
	spec_check(spec);
	again_len = spec_write(spec, again);
	if (again_len > SPEC_MAX)
		return;
	CHECK(spec_parse(again, again_len, &others, &read) == OK);
	same_check(spec, &read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct spec_defaults defaults = {
		size % 3 ? TIME_NONE : 5000, size % 5 ? TIME_NONE : 6000};
	const char *text = (const char *)data;
	struct spec spec, lease;
	int err = spec_parse(text, size, &defaults, &spec), lease_err;

	CHECK(err == OK || err == ERR_INVALID || err == ERR_TOO_LONG);
	if (err == OK)
		accepted_check(text, size, &spec);
	lease_err = lease_parse(text, size, &lease);
	if (lease_err == OK) { /* every lease's name is a spec, and sets nothing but a label */
		CHECK(err == OK && !strchr(lease.names, '+'));
		CHECK(strcmp(lease.owner, spec.owner) == 0 && lease.ttl_ms == TIME_NONE);
		CHECK(lease.slots == 1 && lease.mode == MODE_EXCLUSIVE && lease.token == 0);
	}
	if (name_check(text, size) == OK)
		CHECK(lease_err == OK && size <= NAME_MAX_LEN && strlen(lease.names) == size);
	return 0;
}
