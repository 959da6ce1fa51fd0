/* What one can do about a lock that cannot be had: commands, and what they do. */
#ifndef TOOLS_ADVICE_H
#define TOOLS_ADVICE_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#define ADVICE_MAX 8

struct advice {
	struct {
		char command[256];
		char does[160];
	} lines[ADVICE_MAX];
	size_t count;
};

/* Finds out what helps with a lock of this status (as status/<name>.json). `owner`: the caller may
 * do everything, being root or whose the mount is. */
void advice_find(struct advice *advice, const cJSON *status, bool owner);

#endif
