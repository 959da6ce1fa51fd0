/* JSON read one value at a time, in place: what text.h writes, and nothing looser. */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scan {
	const char *at, *end;
	bool bad; /* what was asked for was not there; every later call does nothing */
};

/* Whether `byte` comes next; it is stepped over only then. */
static inline bool scan_take(struct scan *scan, char byte)
{
	if (scan->bad || scan->at == scan->end || *scan->at != byte)
		return false;
	scan->at++;
	return true;
}

/* Steps over `byte`, which must come next. */
void scan_expect(struct scan *scan, char byte);

/* Goes to the next member of the object that was entered by its '{' and reads its key, at most
 * `room` - 1 bytes of it. False after the last member, whose '}' is then behind. */
bool scan_member(struct scan *scan, char *key, size_t room);

/* Goes to the next element of the array entered by its '['. False after the last. */
bool scan_element(struct scan *scan);

/* Reads a string of at most `room` - 1 bytes; a number from 0 to 2^64 - 1. */
void scan_string(struct scan *scan, char *string, size_t room);
uint64_t scan_u64(struct scan *scan);

/* Reads a moment as text_time() writes it, in milliseconds since 1970. */
int64_t scan_time(struct scan *scan);

/* Steps over one value of any kind. */
void scan_skip(struct scan *scan);

#endif
