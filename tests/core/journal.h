/* The log of a story: lines in memory, as the daemon would have them in a file. */
#ifndef TESTS_CORE_JOURNAL_H
#define TESTS_CORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/chain.h"
#include "core/engine.h"

struct journal {
	struct chain chain;
	struct text text;    /* every line that was ever written */
	size_t checkpoint;   /* offset of the last checkpoint */
	bool failing;        /* nothing can be written: the disk is full */
	struct record *owed; /* what happened meanwhile and could not be taken back; owned */
	size_t n_owed;
};

void journal_init(struct journal *journal);
void journal_finish(struct journal *journal);

/* Appends these records, all or none. */
bool journal_append(struct journal *journal, const struct record *records, size_t count);

/* Takes back a batch that could not be appended, and keeps what remains true for later. */
void journal_undo(
	struct journal *journal, struct engine *engine, const struct record *records, size_t count);

/* Writes what is owed: the disk has room again. */
void journal_pay(struct journal *journal);

/* Writes a checkpoint and tells the engine of it. */
void journal_checkpoint(struct journal *journal, struct engine *engine, int64_t wall_ms);

/* A new engine with what the lines from offset `from` on say, where a checkpoint begins. Each of
 * them must pass its check. EVENT_RECOVER is left to the caller, who owns the engine. */
struct engine *journal_replay(const struct journal *journal, size_t from);

/* Replays one line, which begins with a checkpoint's state if `first`. What engine_replay says. */
int journal_line(struct engine *engine, const char *line, size_t len, bool first);

#endif
