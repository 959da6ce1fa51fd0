/* A line of the log, as any reader of the contract would take it apart. */
#ifndef TESTS_SIM_ENTRY_H
#define TESTS_SIM_ENTRY_H

#include "world.h"

struct entry {
	uint64_t seq, token, ttl_ms, at_ns, until_ns, count;
	int64_t wall_ms;
	struct wish wish; /* names, mode, slots */
	char event[16], reason[16], prev[72], h[72];
	int32_t pid, by_pid;
	uint32_t uid;
	bool lease;
	uint64_t tokens[64]; /* of a checkpoint's holds */
	unsigned n_tokens;
};

/* Takes a line apart. False: it is none. */
bool entry_read(const char *line, size_t len, struct entry *entry);

#endif
