/* One open(2), by this thread or by another, and what it met. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

/* What an open asks for and what came of it. */
struct attempt {
	const char *path;
	int flags;
	bool retry, thread, later; /* the words of that name */
	int fd;                    /* -1 when it failed */
	int err, interrupted;      /* errno, and how many EINTRs came before */
	long begin, end;           /* milliseconds of CLOCK_MONOTONIC */
	pthread_t runner;          /* of `thread` and `later` */
};

/*
 * Reads "FLAGS:FILE" in place; FLAGS are joined by '+', see try.c. False when it cannot; `path` is
 * then the word it stumbled over.
 */
bool attempt_parse(struct attempt *a, char *text);

/* Begins: without the words `thread` and `later` it is over when this returns. */
void attempt_begin(struct attempt *a);

/* Waits for its end. */
void attempt_end(struct attempt *a);
