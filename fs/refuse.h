/* Answers for a server that there is not: EIO to whatever is asked. */
#ifndef FS_REFUSE_H
#define FS_REFUSE_H

#include <stdbool.h>

/* Has those sent again who waited for the last server. */
void refuse_begin(int fuse);

/* Refuses all that the kernel has. False: it is unmounted. */
bool refuse_all(int fuse);

#endif
