/* What happened last: the events at the end of the log. */
#ifndef TOOLS_HISTORY_H
#define TOOLS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct mount;

/* Hands `see` the events whose lines contain `needle`, oldest first, as far as the last megabyte of
 * the log goes back. Where `see` returns true it has kept the event, and deletes it. A log that
 * cannot be read has no events. */
void history_each(const struct mount *mount, const char *needle,
	bool (*see)(cJSON *event, void *data), void *data);

/* The last event of the kind and reason (NULL: any) whose `key` is `value`; the caller deletes it.
 * NULL if there is none. */
cJSON *history_last(const struct mount *mount, const char *kind, const char *reason,
	const char *key, int64_t value);

#endif
