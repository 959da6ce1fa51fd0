/* What the system lets a process have (getrlimit(2)). */
#ifndef FS_RLIMITS_H
#define FS_RLIMITS_H

#include <stdbool.h>

/* Raises how many files may be open as far as this process may; how many these are. */
unsigned rlimits_files(void);

/* The same, and whether all of it is enough to begin with. False after a message. */
bool rlimits_suffice(void);

#endif
