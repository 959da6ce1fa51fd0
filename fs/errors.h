/* The engine's errors as the contract's errno. */
#ifndef FS_ERRORS_H
#define FS_ERRORS_H

#include "core/err.h"

/* The errno that a user sees for `err`; 0 for OK. */
int errno_of(enum err err);

#endif
