/* The chain of the log: each line carries the hash of the one before it. */
#ifndef CORE_CHAIN_H
#define CORE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define CHAIN_HEX 64 /* digits of a SHA-256 */

/* Where the chain stands: a value, to be copied when a batch may have to be taken back. */
struct chain_head {
	uint64_t seq;          /* of the last line; 0 before the first */
	char h[CHAIN_HEX + 1]; /* of the last line; GENESIS before the first */
};

struct chain {
	struct chain_head head;
};

/* Makes a chain that has no line yet. */
void chain_init(struct chain *chain);

/* Begins a line: appends `{"seq":N`. Whoever calls it adds members and then seals it. */
void chain_begin(const struct chain *chain, struct text *text);

/* Ends the line that begins at offset `start`: appends `,"prev":"…","h":"…"}` and a newline. The
 * chain then stands there. Nothing of it is true when `text->failed`. */
void chain_seal(struct chain *chain, struct text *text, size_t start);

/* Checks that `line[0..len)`, without its newline, is the next one, and steps on. OK or
 * ERR_CORRUPT, the chain as it was. */
int chain_check(struct chain *chain, const char *line, size_t len);

/* Puts the chain before `line`, which is then the next one by its own word if it passes chain_check(): for the
 * oldest line that is kept. OK or ERR_CORRUPT. */
int chain_adopt(struct chain *chain, const char *line, size_t len);

#endif
