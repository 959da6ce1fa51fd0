/* What one asks of a lock, as the mount wants it written: `deploy@ttl=2000ms,shared`. */
#ifndef TOOLS_SPEC_H
#define TOOLS_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#define SPEC_ROOM 512 /* room for every spec whose names and label are checked, legal or too long */

struct spec {
	const char *names;          /* one name, or several joined by '+' */
	int64_t ttl_ms, timeout_ms; /* WHEN_UNSET, WHEN_NONE or milliseconds */
	bool try, shared;
	bool thaw;         /* wait for a thaw too, in place of failing */
	uint64_t slots;    /* 0: not said */
	const char *owner; /* the label; NULL or "": the user's name */
};

/* Writes it as the name of a file under locks/. Too long, it is cut: the mount refuses both. */
void spec_write(const struct spec *spec, char out[SPEC_ROOM]);

#endif
