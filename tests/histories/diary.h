/* What a process of a history writes down: a line of text before and after each thing it does. All
 * processes append to one file. A record is of a fixed length that divides a page, so that SIGKILL
 * tears none, and one write(2). README.md has the records. */
#ifndef HISTORIES_DIARY_H
#define HISTORIES_DIARY_H

#include <stdbool.h>

#define DIARY_RECORD 128 /* bytes of a record, its newline included */

/* Opens the file to append to. False, with errno: it cannot be. */
bool diary_open(const char *path);

/* Writes `<ns of CLOCK_MONOTONIC> <own pid> <what the format says>`, with the time of the call. */
__attribute__((format(printf, 1, 2))) void diary(const char *format, ...);

/* How a call of the kernel went, by its result: "OK", or errno's name. Keeps errno. */
const char *diary_result(long result);

#endif
