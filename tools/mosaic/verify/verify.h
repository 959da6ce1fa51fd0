/* The proof: whether a mosaic is what it should be, from its files alone. */
#ifndef MOSAIC_VERIFY_VERIFY_H
#define MOSAIC_VERIFY_VERIFY_H

#include "mosaic/verify/verdict.h"

/* Judges the mosaic in `dir`. Returns 0; or -1 having said why it cannot be judged: nothing says
 * what was to be painted, or there is no memory. */
int verify_mosaic(const char *dir, struct verdict *verdict);

/* Judges it and prints the verdict. Returns the exit code: 0 or 1. */
int verify_print(const char *dir);

#endif
