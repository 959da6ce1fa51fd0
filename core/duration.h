/* Durations as users write them: `500ms`, `2s`, `10m`, `1h`, `1h30m`, a bare number of seconds. */
#ifndef CORE_DURATION_H
#define CORE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#define DURATION_MAX_MS (30ULL * 24 * 3600 * 1000) /* thirty days */

/* Reads all of `text[0..len)` into `*ms`. ERR_INVALID, and `*ms` as it was, for anything that is
 * not a duration or is over thirty days. Zero is a duration: who does not allow it checks. */
int duration_parse(const char *text, size_t len, uint64_t *ms);

#endif
