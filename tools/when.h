/* Durations and moments: as the mount writes them, and as people read them. */
#ifndef TOOLS_WHEN_H
#define TOOLS_WHEN_H

#include <stdint.h>

#define WHEN_NONE INT64_MAX /* "none": a hold without a TTL, a wait without an end */
#define WHEN_UNSET (-1)     /* the user said nothing: the mount's default applies */

#define WHEN_TEXT 40  /* room for when_spell() */
#define WHEN_STAMP 32 /* room for when_stamp() */

/* Reads a duration of the contract (`500ms`, `2s`, `1h30m`, a bare number of seconds; at most 30
 * days) into milliseconds. Returns 0, or -1 for anything else. */
int when_parse(const char *text, int64_t *ms);

/* Spells milliseconds for people: "41 s", "12 ms", "1 h 30 min". */
void when_spell(char out[WHEN_TEXT], int64_t ms);

/* The wall clock less `ago_ms`, as RFC 3339 in UTC with milliseconds, which sorts as text. */
void when_stamp(char out[WHEN_STAMP], int64_t ago_ms);

/* How many milliseconds ago, by the wall clock, a moment was that is written so; less than 0 if it
 * is to come, or is not written so. */
int64_t when_age_ms(const char *stamp);

/* CLOCK_MONOTONIC in microseconds and in milliseconds. */
int64_t when_us(void);
int64_t when_ms(void);

#endif
