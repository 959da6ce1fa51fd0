/* What a user writes as a file name under locks/: `<name>[+<name>…][@<option>[,<option>…]]`. */
#ifndef CORE_SPEC_H
#define CORE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPEC_MAX 255     /* bytes of a whole spec */
#define NAME_MAX_LEN 128 /* bytes of one name */
#define OWNER_MAX 64     /* bytes of an owner label */

#define TIME_NONE UINT64_MAX /* no TTL, or no limit to the wait */

/* Who may hold a name together. */
enum mode { MODE_EXCLUSIVE, MODE_SHARED };

/* What a hold ends with: its last descriptor, or already the process that opened it. */
enum bind { BIND_FD, BIND_PID };

/* What the mount says where a spec says nothing; milliseconds, or TIME_NONE. */
struct spec_defaults {
	uint64_t ttl_ms;
	uint64_t timeout_ms;
};

struct spec {
	char names[SPEC_MAX + 1];  /* one name; of a group, the sorted names joined by '+' */
	char owner[OWNER_MAX + 1]; /* empty: the user's name */
	enum mode mode;
	uint32_t slots;      /* how many may hold at once, each exclusively */
	uint64_t ttl_ms;     /* or TIME_NONE */
	uint64_t timeout_ms; /* 0: try; or TIME_NONE */
	uint64_t token;      /* which grant `rm` is to break; 0: none, as in every spec to open */
	bool frozen_wait;    /* wait for the thaw in place of failing */
	enum bind bind;
};

/* Whether `text[0..len)` is a name: [A-Za-z0-9._-]{1,128}, not beginning with '.' or '-'.
 * OK, ERR_INVALID, or ERR_TOO_LONG. */
int name_check(const char *text, size_t len);

/* Reads the spec `text[0..len)`. OK, ERR_INVALID or ERR_TOO_LONG; `*spec` counts only after OK. */
int spec_parse(
	const char *text, size_t len, const struct spec_defaults *defaults, struct spec *spec);

/* Reads what may stand under leases/, `<name>[@owner=TEXT]`, likewise. */
int lease_parse(const char *text, size_t len, struct spec *spec);

/* Steps through the names of a group, as in spec::names: the next one in `name`; false at the end.
 * `*names` is what is left. */
bool names_next(const char **names, char name[NAME_MAX_LEN + 1]);

/* Whether these can be the names of a hold, as in spec::names: each a name, and sorted. */
bool names_ok(const char *names);

#endif
