/* What the tests of core/ say when something is not as it should be. */
#ifndef TESTS_CORE_CHECK_H
#define TESTS_CORE_CHECK_H

#include <stddef.h>
#include <stdint.h>

/* One case of an executable. */
struct check_case {
	const char *name; /* what it proves, as a phrase */
	void (*run)(void);
};

/* Runs them all and names each: what main() returns. A case that fails ends the program. */
int check_run(const struct check_case *cases, size_t count);

#define CHECK_RUN(cases) check_run(cases, sizeof(cases) / sizeof((cases)[0]))

/* Ends the program unless the condition is true, saying where and in which case. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			check_fail(__FILE__, __LINE__, "%s", #condition);                          \
	} while (0)

/* The same for two numbers, and for two strings, which are shown. */
#define CHECK_EQUAL(a, b)                                                                          \
	check_equal(__FILE__, __LINE__, #a " == " #b, (uint64_t)(a), (uint64_t)(b))
#define CHECK_STRING(a, b) check_string(__FILE__, __LINE__, a, b)

void check_equal(const char *file, int line, const char *what, uint64_t a, uint64_t b);
void check_string(const char *file, int line, const char *a, const char *b);

/* Says that the case failed, has check_witness tell what it saw, and ends the program. */
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints what led up to a failure; NULL: nothing. */
extern void (*check_witness)(void);

/* The n-th number of a sequence that every machine has the same (splitmix64); steps on. */
uint64_t check_random(uint64_t *seed);

#endif
