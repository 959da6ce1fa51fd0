/* The process behind a feed: the one that touches the mount. */
#ifndef TOOLS_TOP_SOURCE_H
#define TOOLS_TOP_SOURCE_H

struct mount;

#define SOURCE_LINE 512 /* the longest request, newline included */

/* Writes to `news` and does what comes from `asks`, which does not block (see feed.h), until that is
 * closed or the mount is gone. */
void source_run(const struct mount *mount, int news, int asks);

#endif
