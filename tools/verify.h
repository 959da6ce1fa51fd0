/* Whether a log is whole and unchanged, by its hash chain. */
#ifndef TOOLS_VERIFY_H
#define TOOLS_VERIFY_H

#include <stdbool.h>

struct mount;

/* Checks `file` ("-": standard input), or the log of the mount (NULL), which has to go on to where
 * status.json says that it ends. Says what was found, or the first line that is wrong and why.
 * Returns the exit code. */
int verify_log(const struct mount *mount, const char *file, bool json);

#endif
