/* The file `end`: how far the log had come when somebody last looked, so that it is noticed when the end
 * of the log is missing. It is not synced and not a second truth: it never says what the log should have
 * said, and may lag behind it. */
#ifndef FS_WITNESS_H
#define FS_WITNESS_H

#include "core/chain.h"

/* What was said last; `seq` is 0 if that is not known. */
struct chain_head witness_read(int dir);

/* Says it. That it cannot be is no error: the log itself is what counts. */
void witness_write(int dir, const struct chain_head *head);

#endif
