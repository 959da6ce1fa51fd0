/* The file `tokens`: a number above every token that was granted. Not a second truth: it counts only
 * where the log fails its check. */
#ifndef FS_MARK_H
#define FS_MARK_H

#include <stdint.h>

/* The number; 0 if it is not known. */
uint64_t mark_read(int dir);

/* Raises it to `mark`, if it is not that high; it is synced. 0, or an errno. */
int mark_raise(int dir, uint64_t mark);

#endif
