/* The shape of what is read from /dev/fuse, by linux/fuse.h. libfuse takes lengths and counts at their word and
 * names for terminated; the kernel keeps to that, and nothing else may send us anywhere. */
#ifndef FS_SHAPE_H
#define FS_SHAPE_H

#include <stddef.h>

/* Looks at the `size` bytes of one message, a header at least. A request that says more than it has becomes one of
 * no known kind, which libfuse refuses (ENOSYS). */
void shape_check(void *message, size_t size);

#endif
