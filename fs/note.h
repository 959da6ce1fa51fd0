/* What is said beside the log, for the day when that fails its check: files of one line, which is written over
 * itself.
 *
 *   tokens   a number above every token that was granted; synced
 *   end      how far the log had come when somebody last looked, so that it is noticed when its end is missing;
 *            not synced, and it may lag behind
 *
 * Neither is a second truth: the log itself is what counts. What is no such line is set aside before one is written
 * in its place. */
#ifndef FS_NOTE_H
#define FS_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/chain.h"

#define NOTE_TOKENS "tokens"
#define NOTE_END "end"

/* Whether what has that name fails its check. What is not there or empty says nothing, and what cannot be read may
 * be read another time. */
bool note_is_damaged(int dir, const char *name);

/* The number; 0 if it is not known. */
uint64_t note_tokens(int dir);

/* Raises it to `mark`, if it is not that high. 0, or an errno. */
int note_tokens_raise(int dir, uint64_t mark);

/* The line that was seen last; `seq` is 0 if that is not known. */
struct chain_head note_end(int dir);

/* Says which it is. That it cannot be said is no error. */
void note_end_write(int dir, const struct chain_head *head);

#endif
