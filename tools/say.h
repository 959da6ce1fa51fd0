/* What the command tells its user: one choke point for text, so no raw control byte gets out. */
#ifndef TOOLS_SAY_H
#define TOOLS_SAY_H

#include <stdbool.h>
#include <stdio.h>

/* The command's exit codes, as the contract has them. */
enum code {
	CODE_OK = 0,
	CODE_ERROR = 1,
	CODE_HELD = 2, /* held, frozen or timed out */
	CODE_NOT_FOUND = 3,
	CODE_NOT_YOURS = 4,
	CODE_USAGE = 64,
};

/* Replaces in place what could steer a terminal with '?': C0 controls, DEL, C1 controls (also as
 * UTF-8), and bytes that are not UTF-8. The text never grows. */
void text_clean(char *text);

/* Appends the formatted text to `text`, which has `room` bytes, cutting it where they end. */
void text_add(char *text, size_t room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints "lokt: …" as one cleaned line to standard error. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends a command whose work is to print: the exit code, or CODE_ERROR, having said so, if standard
 * output did not take it all. */
int say_end(int code);

/* Whether `stream` is a terminal that wants colour (see no-color.org). */
bool say_colour(FILE *stream);

#endif
