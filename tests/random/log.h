/* The audit log, followed line by line: who holds what and what is frozen, by what it tells and by
 * nothing else. */
#ifndef TESTS_RANDOM_LOG_H
#define TESTS_RANDOM_LOG_H

#include "look.h"

/* Bytes that are read at a time, and more than the longest line: a checkpoint. */
#define LOG_LINES 65536

/* A hold whose end was not told yet. */
struct entry {
	uint64_t token; /* 0: this place is free */
	char names[TEXT_MAX];
	bool shared;
	unsigned slots, renewals;
};

struct log {
	int fd;
	off_t offset;
	uint64_t last_token;
	struct entry entries[HOLDS];
	char frozen[HOLDS][16];      /* names; empty: a free place */
	char wrong[LOG_LINES + 100]; /* the first line that cannot be true; empty: none */
};

/* Opens audit, at first or again where it was left. False: it is not there. */
bool log_open(struct log *log, const char *mount);
void log_close(struct log *log);

/* Reads what is new, and whether it tells what the model has. */
bool log_look(struct log *log, struct look *look, const struct model *model);

#endif
