/* What the fuzzers share: a check, an input read byte by byte, a clock that only they move, and a
 * directory that is empty before each input. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer and AFL++ call with each input; 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the fuzzer, which keeps the input, unless `truth` holds. */
#define CHECK(truth) ((truth) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #truth))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* What is left of an input. Past its end there are zeros. */
struct input {
	const uint8_t *at, *end;
};

uint8_t input_byte(struct input *input);
uint64_t input_number(struct input *input, unsigned bytes); /* the lowest first */

/* The bytes up to the next newline, or the end; the newline is stepped over. */
size_t input_line(struct input *input, const char **line);

/* The time of every clock, in nanoseconds since the fuzzer's epoch, and of that many until the next
 * look: each look takes a microsecond, so that nobody waits for ever. */
extern uint64_t fuzz_ns;

/* A directory in memory, without a file in it. */
const char *fuzz_directory(void);

/* Says what happens, if FUZZ_TELL is set: for whoever looks into one input. */
void fuzz_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Keeps the daemon from talking: a fuzzer says nothing but what it has found. */
void fuzz_hush(void);

#endif
