/* See check.h. */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*check_witness)(void);

static const char *running = "(no case)";

int check_run(const struct check_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		running = cases[i].name;
		cases[i].run();
		printf("ok: %s\n", running);
	}
	return 0;
}

void check_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	if (check_witness)
		check_witness();
	fprintf(stderr, "%s:%d: FAILED: %s: ", file, line, running);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void check_equal(const char *file, int line, const char *what, uint64_t a, uint64_t b)
{
	if (a != b)
		check_fail(file, line, "%s: %llu is not %llu", what, (unsigned long long)a,
			(unsigned long long)b);
}

void check_string(const char *file, int line, const char *a, const char *b)
{
	size_t same = 0;

	if (strcmp(a, b) == 0)
		return;
	while (a[same] == b[same])
		same++;
	check_fail(file, line, "differs at byte %zu from\n%s\nthat is\n%s", same, a, b);
}

uint64_t check_random(uint64_t *seed)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}
