/* Answers for a server that there is not: EIO to whatever is asked. */
#ifndef FS_REFUSE_H
#define FS_REFUSE_H

#include <stdbool.h>

struct kept;

/* Refuses those who waited for the last server: they are sent again, if `resend`, and the kernel can. */
void refuse_begin(const struct kept *kept, bool resend);

/* Refuses all that the kernel has. False: it is unmounted. */
bool refuse_all(int fuse);

#endif
